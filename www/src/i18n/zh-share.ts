import type { ExportFormat } from '../model.js';
import type { Strings } from './index.js';

const n = (value: number): string => value.toLocaleString('zh');

/** 分享面板。 */
export const share: Strings['share'] = {
  link: '链接',
  linkField: '指向这次运行的链接',
  copy: '复制链接',
  linkLength: (length: number): string =>
    `${n(length)} 个字符：所做的一切、全部分支、此刻以及所选内容。运行就在链接里，不会上传任何东西。`,
  measuring: '正在计算……',
  linkLong: (length: number, max: number): string =>
    `${n(length)} 个字符。许多程序会在 ${n(max)} 个字符之后截断链接：最好以文件发送录制。`,
  linkTooLong: (length: number, max: number): string =>
    `这次运行需要 ${n(length)} 个字符，而链接最多容纳 ${n(max)} 个：请以文件发送录制。`,
  copiedLong: (length: number): string =>
    `链接已复制。它有 ${n(length)} 个字符，有些程序会将其截断；“分享”中可以取得文件。`,
  noClipboard: '此浏览器不允许网页复制：请选中文本后手动复制。',
  files: '文件',
  recording: '录制',
  recordingText: '整个运行及全部分支，可在此重新打开',
  formats: {
    'trace-json': '发生的一切，可在此重新打开，或用 raft-sim replay 核对',
    shiviz: '用于 ShiViz：带向量时钟的日志',
    mermaid: '用于 Markdown 页面的时序图',
    'chrome-trace': '用于 Perfetto：按时间排列的轨道',
    tla: '用于 TLC：etcd 的轨迹验证',
    'history-jsonl': '客户端的请求与答复，用于 raft-sim check',
    edn: '同上，用于 Jepsen 的检查器',
  } as Record<ExportFormat, string>,
  save: (what: string): string => `保存 ${what}`,
  untilNow: '除录制外，其余都讲述当前分支到此刻为止的过程。',
  modified: (rules: string): string => `${rules}。文件名中会注明。`,
  making: (format: string): string => `正在生成 ${format}……`,
  saved: (name: string): string => `已保存为 ${name}。`,
  figures: '图形',
  view: { ring: '环', logs: '日志', history: '客户端' },
  figure: (view: string, format: string): string => `将${view}保存为 ${format}`,
  otherFigures: '与现在所见一致。时空图、客户端和度量在各自的标签页中保存。',
  open: '打开',
  openFile: '打开文件……',
  openText: '录制、场景或轨迹。也可以把它拖放到演练场的任意位置。当前显示的运行会保留。',
  dropHere: '把录制、场景或轨迹放到这里',
  opening: (name: string): string => `正在打开 ${name}……`,
  opened: (name: string): string => `已打开 ${name}。`,
  replayed: (name: string, events: number): string => `已重新运行 ${name}：全部 ${n(events)} 个事件都如其所述发生。`,
  diverged: (name: string, event: number, expected: string, got: string): string =>
    `已重新运行 ${name}，从事件 ${event} 起情况不同。轨迹写的是“${expected}”，实际发生的是“${got}”。`,
  visiting: '这次运行来自文件。你自己的已保留。',
  resumed: '你的运行和离开时一样。“重新开始”会忘记它。',
  oneFile: '请一次只打开一个文件。',
  tooLarge: (name: string, bytes: number, max: number): string =>
    `${name} 有 ${n(Math.ceil(bytes / 1e6))} MB；可以打开不超过 ${n(max / 1e6)} MB 的文件。`,
  emptyFile: (name: string): string => `${name} 是空的。`,
  unreadable: (name: string): string => `无法读取 ${name}。`,
  notJson: (name: string, why: string): string =>
    `${name} 不是 JSON，或在复制时被截断（${why}）。可以打开录制、场景或轨迹。`,
  foreign: (name: string): string => `${name} 是 JSON，但既不是本演练场的录制、场景，也不是轨迹。`,
  refused: (name: string, why: string): string => `无法打开 ${name}：${why}`,
  embed: '嵌入',
  embedText: '这段代码把这次运行放进另一个网页。脚本地址是本站的；使用构建文件的副本也可以。',
  embedField: '嵌入这次运行的 HTML',
  copyEmbed: '复制 HTML',
  embedCopied: 'HTML 已复制。',
};
