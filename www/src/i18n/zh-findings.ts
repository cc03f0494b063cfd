import type { Absence, Finding, Missing } from '../views/explain/stalls.js';
import { chineseBlock } from './zh-events.js';

/** Why a cluster does not get on, in Chinese. */
export function findingInChinese(found: Finding): string {
  switch (found.kind) {
    case 'nobodyUp':
      return `没有服务器在运行：${missing(found.missing)}。`;
    case 'noQuorum':
      return `${found.joint ? '联合配置的一半' : ''}没有多数派：现有 ${found.have}，需要 ${found.need}，缺少 ${missing(found.missing)}。`;
    case 'parted':
      return `网络被切开：${found.sides.map(({ servers, enough }) => `${list(servers)} ${enough ? '能够决定' : '无法决定'}`).join('；')}。`;
    case 'oneWay':
      return `S${found.from} 能听到 S${found.to}，反过来却不行：那个方向已切断。`;
    case 'held':
      return `传输中的 ${found.count} 条消息都在等你动手。`;
    case 'frozenLeader':
      return `任期 ${found.term} 的领导者 S${found.server} 被冻结：它的心跳停了，其他服务器在等选举定时器到期。`;
    case 'staleLeader':
      return `S${found.server} 仍自认为是任期 ${found.term} 的领导者；任期 ${found.newerTerm} 由 S${found.newer} 领导。`;
    case 'electing':
      return `S${found.server} ${found.pre ? `询问谁会在任期 ${found.term} 投票给它` : `在任期 ${found.term} 竞选`}：已得 ${found.have} 票，需要 ${found.need} 票。`;
    case 'leaderless':
      return `没有领导者。下一个竞选的是 S${found.next}：它的选举定时器还有 ${Math.round(found.ms)} 毫秒到期。`;
    case 'notCommitted':
      return `领导者 S${found.leader} 还不能提交条目 ${found.index}：已有 ${found.have} 个投票成员持有它，需要 ${found.need} 个，尚不知 ${missing(found.missing)} 是否持有。`;
    case 'olderTerm':
      return `领导者 S${found.leader} 不能靠计数提交条目 ${found.index}：它属于任期 ${found.term}，早于 ${found.current}（§5.4.2）。任期 ${found.current} 的条目提交时，它会随之提交。`;
    case 'handingOver':
      return `S${found.leader} 正把领导权移交给 S${found.target}，其间不接受命令：S${found.target} 持有到 ${found.match} 的条目，日志到 ${found.last}。`;
    case 'readWaits':
      return `${chineseBlock.read(found.server, found.block)}。`;
    case 'idle':
      return `S${found.leader} 领导任期 ${found.term}，所有请求都已提交。集群在等待客户端。`;
    case 'nothingScheduled':
      return '没有任何安排：没有定时器在走，没有磁盘在写，没有消息在途。';
  }
}

const WHY: Record<Absence, string> = {
  crashed: '已崩溃',
  paused: '已冻结',
  cut: '被切断',
  held: '链路被扣住',
  disk: '磁盘尚未写完',
  underway: '尚未应答',
};

function missing(servers: readonly Missing[]): string {
  return servers.map(({ server, why }) => `S${server}（${WHY[why]}）`).join('、');
}

function list(servers: readonly number[]): string {
  return servers.map((id) => `S${id}`).join(' ');
}
