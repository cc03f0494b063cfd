import type { Action, MessageSelector } from '../engine.js';
import { type ActionSentences, ruleInWords, serverList } from './en-actions.js';

/** What a person does, in Chinese. */
export function chineseAction(action: Action): string {
  return (SENTENCES[action.type] as (action: Action) => string)(action);
}

/** A stretch of time, to the microsecond. */
export const exactMs = (ms: number): string => `${ms.toFixed(3)} 毫秒`;

const at = (server: number | undefined): string => (server === undefined ? '' : `，在 S${server}`);
const servers = (ids: readonly number[]): string => (ids.length === 0 ? '无' : serverList(ids));

interface OnLink {
  a?: number;
  b?: number;
  oneWay?: boolean;
}
function link({ a, b, oneWay }: OnLink): string {
  if (a === undefined || b === undefined) return '所有链路';
  return oneWay ? `从 S${a} 到 S${b} 的链路` : `S${a} 与 S${b} 之间的链路`;
}

function which(message: MessageSelector): string {
  if (typeof message === 'number') return `消息 ${message}`;
  const { kind, from, to, pick } = message;
  const route = `${from === undefined ? '' : `从 S${from} `}${to === undefined ? '' : `到 S${to} `}`;
  return `${route}${pick === 'newest' ? '最新' : '最早'}的${kind === undefined ? '消息' : ` ${kind}`}`;
}

/** What a client does that compares and sets. */
export const compareAndSet = (key: string, expected: string | null | undefined, value: string | null): string =>
  expected == null ? `若 ${key} 未设置，则设为 ${value}` : `若 ${key} 是 ${expected}，则设为 ${value}`;

const READS = {
  readIndex: '',
  lease: '，凭租约',
  local: '，不问谁是领导者',
  session: '，不得旧于已见过的',
};

export const SENTENCES: ActionSentences = {
  deliver: ({ message }) => `送达${which(message)}`,
  drop: ({ message }) => `丢弃${which(message)}`,
  duplicate: ({ message }) => `复制${which(message)}`,
  delay: ({ message, ms }) => `推迟${which(message)}：${exactMs(ms)}`,
  hold: ({ message }) => `扣留${which(message)}`,
  release: ({ message }) => `放行${which(message)}`,
  cut: (on) => `切断${link(on)}`,
  mend: (on) => `修复${link(on)}`,
  partition: ({ groups }) => `分区：${groups.map(serverList).join(' | ')}`,
  heal: () => '恢复所有链路',
  holdLink: (on) => `扣住${link(on)}上的消息`,
  releaseLink: (on) => `放行${link(on)}上的消息`,
  flap: (on) => `让${link(on)}通 ${exactMs(on.upMs)}、断 ${exactMs(on.downMs)}，如此反复`,
  crash: ({ server, loseUnsynced }) => `让 S${server} 崩溃${loseUnsynced === false ? '，但磁盘写完' : ''}`,
  tear: ({ server, entries }) => `让 S${server} 在写的中途崩溃，其中 ${entries} 个条目写到了磁盘上`,
  restart: ({ server }) => `重启 S${server}`,
  pause: ({ server }) => `冻结 S${server}`,
  resume: ({ server }) => `解冻 S${server}`,
  timeout: ({ server }) => `触发 S${server} 的选举定时器`,
  heartbeat: ({ server }) => `触发 S${server} 的心跳定时器`,
  propose: ({ server, command }) => `提议 ${JSON.stringify(command)}，在 S${server}`,
  clientWrite: ({ client, key, value, server }) => `客户端 ${client} 写入 ${key} = ${value}${at(server)}`,
  clientAppend: ({ client, key, value, server }) => `客户端 ${client} 把 ${value} 追加到 ${key}${at(server)}`,
  clientCas: ({ client, key, expected, value, server }) =>
    `客户端 ${client} ${compareAndSet(key, expected, value)}${at(server)}`,
  clientDelete: ({ client, key, server }) => `客户端 ${client} 删除 ${key}${at(server)}`,
  clientSync: ({ client, server }) => `客户端 ${client} 与领导者对齐${server === undefined ? '' : `，询问 S${server}`}`,
  clientRetry: ({ client, server }) => `客户端 ${client} 重发上一次写入${at(server)}`,
  clientRead: ({ client, key, server, mode = 'readIndex' }) => `客户端 ${client} 读 ${key}${at(server)}${READS[mode]}`,
  snapshot: ({ server }) => `让 S${server} 生成快照`,
  changeMembership: (change) => `${membership(change)}${at(change.server)}`,
  transferLeadership: ({ server, target }) =>
    `${server === undefined ? '把领导权移交给' : `把 S${server} 的领导权移交给`} S${target}`,
  setClockRate: ({ server, permille }) => `让 S${server} 的时钟以 ${permille} ‰ 的速率走`,
  jumpClock: ({ server, ms }) =>
    ms < 0 ? `把 S${server} 的时钟拨慢 ${-ms} 毫秒：它停走这么久` : `把 S${server} 的时钟拨快 ${ms} 毫秒`,
  setLatency: (on) => `${link(on)}的延迟为 ${exactMs(on.minMs)} 到 ${exactMs(on.maxMs)}`,
  setLoss: (on) => `${link(on)}丢失 ${on.permille} ‰ 的消息`,
  setDuplication: (on) => `${link(on)}把 ${on.permille} ‰ 的消息送达两遍`,
  setDiskLatency: ({ server, ms, maxMs }) =>
    `让 S${server} 的磁盘写一次用 ${exactMs(ms)}${maxMs === undefined ? '' : ` 到 ${exactMs(maxMs)}`}`,
  setDiskLies: ({ server, on }) => (on ? `让 S${server} 的磁盘谎报已落盘` : `让 S${server} 的磁盘说到做到`),
  setApplyLatency: ({ server, ms }) => `让 S${server} 应用一个条目用 ${exactMs(ms)}`,
  setRule: ({ rule, on }) => `${on ? '打开' : '关闭'}规则 ${ruleInWords(rule)}`,
  note: ({ text }) => text,
};

function membership(change: Extract<Action, { type: 'changeMembership' }>): string {
  if ('addLearner' in change) return `让 S${change.addLearner} 学习日志`;
  if ('addVoter' in change) return `让 S${change.addVoter} 成为投票成员`;
  if ('demote' in change) return `取消 S${change.demote} 的投票权`;
  if ('remove' in change) return `移除 S${change.remove}`;
  const { voters, learners = [] } = change;
  return `把配置改为投票成员 ${servers(voters)}${learners.length === 0 ? '' : `、学习者 ${servers(learners)}`}`;
}
