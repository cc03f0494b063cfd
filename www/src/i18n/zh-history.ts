import type { Level, OperationView } from '../model.js';
import type { Strings } from './index.js';

const ms = (timeMs: number): string =>
  `${timeMs.toLocaleString('zh', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} 毫秒`;

/** 客户端面板：它们要求了什么，得到了什么回答，判定者怎么说。 */
export const history: Strings['history'] = {
  chartLabel: '客户端的操作随时间的分布。方向键在操作之间移动，Enter 跳到那一刻，加号和减号缩放。',
  none: '还没有客户端提出请求。请用环下面的表单发送一个。',
  outcome: { ok: '完成', fail: '未执行', unknown: '结果未知', pending: '尚无回答' } as Record<
    NonNullable<OperationView['outcome']> | 'pending',
    string
  >,
  kind: { get: '读取', put: '写入', append: '追加', cas: '比较并设置', delete: '删除', sync: '同步' } as Record<
    OperationView['kind'],
    string
  >,
  mode: { readIndex: '线性一致', lease: '租约', local: '本地', session: '会话' } as Record<
    NonNullable<OperationView['mode']>,
    string
  >,
  operationLabel: (client: string, text: string, outcome: string, calledMs: number): string =>
    `${client}：${text}，${outcome}，${ms(calledMs)} 调用`,
  clump: (count: number, troubled: number): string =>
    `${count} 个操作${troubled > 0 ? `，其中 ${troubled} 个未执行或未知` : ''}：放大查看`,
  called: (timeMs: number): string => `${ms(timeMs)} 调用`,
  returned: (timeMs: number): string => `${ms(timeMs)} 返回`,
  gaveUp: (timeMs: number): string => `${ms(timeMs)} 放弃等待`,
  took: (durationMs: number): string => `用时 ${ms(durationMs)}`,
  server: (id: number): string => `由 S${id} 受理`,
  point: (number: number, key: string | null, timeMs: number): string =>
    `${key === null ? '总' : ` ${key} 的`}顺序中的第 ${number} 个，约在 ${ms(timeMs)}`,
  unplaced: '无法排入',
  moment: (timeMs: number): string => `${ms(timeMs)} 时`,
  leader: (id: number, term: number): string => `最近当选的是 S${id}，任期 ${term}`,
  noLeader: '还没有人当选',
  open: (count: number): string => `${count} 个操作进行中`,
  lastFault: (text: string, timeMs: number): string => `${text}，自 ${ms(timeMs)} 起`,
  goToCall: '跳到调用',
  goToReturn: '跳到返回',
  hint: '指向一个操作，或用方向键移到它。点击即跳到那一刻。',

  judge: '判定',
  judgeAgain: '重新判定',
  cancel: '取消',
  judging: (decided: number, all: number): string => `判定中：${all} 个级别已定 ${decided} 个……`,
  judged: (operations: number): string => `已判定 ${operations} 个操作。`,
  outdated: '此后又有新的操作。',
  failed: (why: string): string => `无法判定：${why}`,
  firstError: '第一个错误',
  noError: '没有错误。',
  zoomIn: '放大',
  zoomOut: '缩小',
  zoomAll: '整个运行',
  follow: '跟随',

  ladder: '一致性的阶梯',
  verdict: { holds: '成立', violated: '被破坏', exhausted: '预算之内未能判定' },
  level: {
    linearizable: '线性一致',
    sequential: '顺序一致',
    'monotonic-reads': '单调读',
    'monotonic-writes': '单调写',
    'read-your-writes': '读己之写',
    'writes-follow-reads': '写随读后',
  } as Record<Level, string>,
  promise: {
    linearizable: '每个操作在调用与返回之间的某一刻生效',
    sequential: '所有操作排成一个顺序，并保持每个客户端自己的顺序',
    'monotonic-reads': '客户端不会读到比之前更旧的值',
    'monotonic-writes': '客户端的写入按它自己的顺序可见',
    'read-your-writes': '客户端能读到自己的写入',
    'writes-follow-reads': '读之后的写比所读到的更新',
  } as Record<Level, string>,
  why: (verdict: 'holds' | 'violated' | 'exhausted', _text: string): string =>
    verdict === 'exhausted' ? '预算已用尽。' : '这些操作互相矛盾，或没有一个能排在其余操作之后：',
  showOrder: '显示顺序',
  operation: (id: number): string => `操作 ${id}`,

  legendLabel: '图形的含义',
  legend: {
    write: '写',
    read: '读',
    ok: '完成',
    fail: '未执行 ✕',
    unknown: '结果未知 ?，右端开放',
    point: '生效',
    leader: '当选',
    election: '选举',
    fault: '故障',
    action: '对集群的操作',
    retry: '再次请求',
    redirect: '转向另一台服务器',
  },
  tick: { resent: '再次请求', redirected: '转向另一台服务器' },
};
