// Headless clusters, for a page, a worker or Node.

export { MAX_SERVERS } from './engine/arguments.js';
export { Client, type Consistency } from './engine/client.js';
export { Cluster, type ClusterView } from './engine/cluster.js';
export { type PanicDetails, RaftError, type RecordedCall } from './engine/error.js';
export { EXPORT_FORMATS, type ExportFormat } from './engine/export.js';
export type { Fact } from './engine/facts.js';
export {
  Frame,
  type FrameHeader,
  type FrameMessage,
  type FrameProgress,
  type FrameServer,
  MEMBER,
  MESSAGE_KIND,
  ROLE,
  STATUS,
  TIMER,
} from './engine/frame.js';
export type {
  EventData,
  EventKind,
  EventView,
  Happening,
  Marker,
  MessageView,
  ReadBlock,
  ServerView,
  ViolationView,
} from './engine/happenings.js';
export type { EngineSource } from './engine/instance.js';
export type { WasmSource } from './engine/module.js';
export { MESSAGE_KINDS } from './engine/shapes.js';
export type {
  Action,
  ActOutcome,
  BranchView,
  ClusterConfig,
  Condition,
  ExpectationView,
  KindName as MessageKind,
  LogEntryView,
  LogWindow,
  Membership,
  MessageSelector,
  MetricsReport,
  OperationView,
  RoleName as Role,
  RuleName,
  RuleView,
  Run,
  Scenario,
  ScriptStep,
  Vocabularies,
} from './generated/glue.js';
