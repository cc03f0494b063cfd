import { first, type Phrase, part, UNKNOWN } from './phrases.js';

/** What a person or a client does, in Chinese; `null` if only the English sentence exists. */
export function actionInChinese(text: string): string | null {
  return first(ACTIONS, text) ?? membership(text);
}

const ASKED: readonly Phrase[] = [
  [/^reads ([^ ]*)$/, (key) => `读 ${key}`],
  [/^writes (.*)$/s, (what) => `写入 ${what}`],
  [/^appends (.*) to ([^ ]*)$/s, (value, key) => `把 ${value} 追加到 ${key}`],
  [/^sets ([^ ]*) to (.*) if it is not set$/s, (key, value) => `若 ${key} 未设置，则设为 ${value}`],
  [/^sets ([^ ]*) to (.*) if it is (.*)$/s, (key, value, expected) => `若 ${key} 是 ${expected}，则设为 ${value}`],
  [/^deletes ([^ ]*)$/, (key) => `删除 ${key}`],
  [/^catches up with the leader$/, () => '与领导者对齐'],
];
/** What a client does, as the end of a sentence that begins with its name. */
export const asked = (text: string | undefined): string => part(ASKED, text);

const link = (text: string): string => {
  const [, a, how, b] = /^(?:from|between) S(\d+) (to|and) S(\d+)$/.exec(text) ?? [];
  if (text === 'everywhere') return '所有链路';
  if (a === undefined) return UNKNOWN;
  return how === 'to' ? `从 S${a} 到 S${b} 的链路` : `S${a} 与 S${b} 之间的链路`;
};

const which = (text: string): string => {
  const [, id] = /^message (\d+)$/.exec(text) ?? [];
  if (id !== undefined) return `消息 ${id}`;
  const [found, pick, kind, from, to] = /^the (newest|oldest) (\w+)(?: from S(\d+))?(?: to S(\d+))?$/.exec(text) ?? [];
  if (found === undefined) return UNKNOWN;
  const route = `${from ? `从 S${from} ` : ''}${to ? `到 S${to} ` : ''}`;
  return `${route}${pick === 'newest' ? '最新' : '最早'}的${kind === 'message' ? '消息' : ` ${kind}`}`;
};

const at = (server: string | undefined): string => (server ? `，在 S${server}` : '');

/** What a person did. */
const ACTIONS: readonly Phrase[] = [
  [/^deliver ((?:message|the) .*)$/, (what) => `送达${which(what ?? '')}`],
  [/^drop (.*)$/, (what) => `丢弃${which(what ?? '')}`],
  [/^duplicate (.*)$/, (what) => `复制${which(what ?? '')}`],
  [/^delay (.*) by ([\d.]+ ?\w*)$/, (what, ms) => `推迟${which(what ?? '')}：${time(ms)}`],
  [/^hold (.*)$/, (what) => `扣留${which(what ?? '')}`],
  [/^release (.*)$/, (what) => `放行${which(what ?? '')}`],
  [/^cut the link (.*)$/, (where) => `切断${link(where ?? '')}`],
  [/^mend the link (.*)$/, (where) => `修复${link(where ?? '')}`],
  [/^keep the messages (.*)$/, (where) => `扣住${link(where ?? '')}上的消息`],
  [/^let the messages (.*) go$/, (where) => `放行${link(where ?? '')}上的消息`],
  [
    /^let the link (.*) work for ([\d.]+ ?\w*) and be cut for ([\d.]+ ?\w*), again and again$/,
    (where, up, down) => `让${link(where ?? '')}通 ${time(up)}、断 ${time(down)}，如此反复`,
  ],
  [/^partition: (.*)$/, (groups) => `分区：${groups}`],
  [/^mend all links$/, () => '恢复所有链路'],
  [/^crash S(\d+)$/, (id) => `让 S${id} 崩溃`],
  [/^crash S(\d+), its disk finishes$/, (id) => `让 S${id} 崩溃，但磁盘写完`],
  [
    /^crash S(\d+) in the middle of a write, of which (\d+) entries reach the disk$/,
    (id, entries) => `让 S${id} 在写的中途崩溃，其中 ${entries} 个条目写到了磁盘上`,
  ],
  [/^restart S(\d+)$/, (id) => `重启 S${id}`],
  [/^pause S(\d+)$/, (id) => `冻结 S${id}`],
  [/^resume S(\d+)$/, (id) => `解冻 S${id}`],
  [/^fire the election timer of S(\d+)$/, (id) => `触发 S${id} 的选举定时器`],
  [/^fire the heartbeat timer of S(\d+)$/, (id) => `触发 S${id} 的心跳定时器`],
  [/^propose (".*") at S(\d+)$/s, (command, id) => `提议 ${command}，在 S${id}`],
  [/^client (\S+) writes (.*?)(?: at S(\d+))?$/s, (client, what, id) => `客户端 ${client} 写入 ${what}${at(id)}`],
  [
    /^client (\S+) appends (.*?) to (\S+?)(?: at S(\d+))?$/s,
    (client, value, key, id) => `客户端 ${client} 把 ${value} 追加到 ${key}${at(id)}`,
  ],
  [
    /^client (\S+) (sets \S+ to .*? if it is .*?)(?:, at S(\d+))?$/s,
    (client, what, id) => `客户端 ${client} ${asked(what ?? '')}${at(id)}`,
  ],
  [/^client (\S+) deletes (\S+?)(?: at S(\d+))?$/, (client, key, id) => `客户端 ${client} 删除 ${key}${at(id)}`],
  [
    /^client (\S+) catches up with the leader(?:, asking S(\d+))?$/,
    (client, id) => `客户端 ${client} 与领导者对齐${id ? `，询问 S${id}` : ''}`,
  ],
  [
    /^client (\S+) sends its last write again(?: at S(\d+))?$/,
    (client, id) => `客户端 ${client} 重发上一次写入${at(id)}`,
  ],
  [
    /^client (\S+) reads (\S+?)(?: at S(\d+))?( under a lease| without asking who leads|, not older than what it has seen)?$/,
    (client, key, id, how) => `客户端 ${client} 读 ${key}${at(id)}${READS[how ?? ''] ?? ''}`,
  ],
  [/^let S(\d+) take a snapshot$/, (id) => `让 S${id} 生成快照`],
  [
    /^hand leadership(?: from S(\d+))? to S(\d+)$/,
    (from, to) => `${from ? `把 S${from} 的领导权移交给` : '把领导权移交给'} S${to}`,
  ],
  [/^let the clock of S(\d+) run at (\d+) ‰$/, (id, rate) => `让 S${id} 的时钟以 ${rate} ‰ 的速率走`],
  [
    /^set the clock of S(\d+) back by (\d+) ms: it stands still for so long$/,
    (id, ms) => `把 S${id} 的时钟拨慢 ${ms} 毫秒：它停走这么久`,
  ],
  [/^set the clock of S(\d+) forward by (\d+) ms$/, (id, ms) => `把 S${id} 的时钟拨快 ${ms} 毫秒`],
  [
    /^latency ([\d.]+ ?\w*) to ([\d.]+ ?\w*) (everywhere|from .*|between .*)$/,
    (min, max, where) => `${link(where ?? '')}的延迟为 ${time(min)} 到 ${time(max)}`,
  ],
  [/^lose (\d+) ‰ of the messages (.*)$/, (permille, where) => `${link(where ?? '')}丢失 ${permille} ‰ 的消息`],
  [
    /^deliver (\d+) ‰ of the messages (.*) twice$/,
    (permille, where) => `${link(where ?? '')}把 ${permille} ‰ 的消息送达两遍`,
  ],
  [
    /^let the disk of S(\d+) take ([\d.]+ ?\w*?)(?: to ([\d.]+ ?\w*))?$/,
    (id, ms, max) => `让 S${id} 的磁盘写一次用 ${time(ms)}${max ? ` 到 ${time(max)}` : ''}`,
  ],
  [/^let the disk of S(\d+) lie about what is durable$/, (id) => `让 S${id} 的磁盘谎报已落盘`],
  [/^let the disk of S(\d+) keep what it says$/, (id) => `让 S${id} 的磁盘说到做到`],
  [/^let S(\d+) take ([\d.]+ ?\w*) to apply an entry$/, (id, ms) => `让 S${id} 应用一个条目用 ${time(ms)}`],
  [/^switch the rule (\S+) (on|off)$/, (rule, how) => `${how === 'on' ? '打开' : '关闭'}规则 ${rule}`],
];

const READS: Record<string, string> = {
  ' under a lease': '，凭租约',
  ' without asking who leads': '，不问谁是领导者',
  ', not older than what it has seen': '，不得旧于已见过的',
};

const time = (text: string | undefined): string => (text ?? '').replace(/ ?ms$/, ' 毫秒');

/** Changes of the membership. */
const MEMBERSHIP: readonly Phrase[] = [
  [/^let S(\d+) learn the log$/, (id) => `让 S${id} 学习日志`],
  [/^make S(\d+) a voter$/, (id) => `让 S${id} 成为投票成员`],
  [/^take the vote from S(\d+)$/, (id) => `取消 S${id} 的投票权`],
  [/^remove S(\d+)$/, (id) => `移除 S${id}`],
  [
    /^change the configuration to voters (nobody|[S\d ]+?)(?: and learners (nobody|[S\d ]+))?$/,
    (voters, learners) =>
      `把配置改为投票成员 ${voters}${learners ? `、学习者 ${learners}` : ''}`.replaceAll('nobody', '无'),
  ],
];

function membership(text: string): string | null {
  const [, change = text, server] = /^(.*), at S(\d+)$/.exec(text) ?? [];
  const said = first(MEMBERSHIP, change);
  return said && `${said}${at(server)}`;
}
