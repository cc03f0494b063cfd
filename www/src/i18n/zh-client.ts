import type { Strings } from './index.js';

/** 读者以客户端身份提问的表单。 */
export const client: Strings['form'] = {
  name: '客户端',
  nameHint: '提问的客户端的名字；写新名字就多一个客户端',
  operation: '操作',
  operations: {
    put: '写入',
    get: '读取',
    append: '追加',
    cas: '比较并设置',
    delete: '删除',
    sync: '同步',
    retry: '重发',
  },
  mode: '读取方式',
  modes: {
    linearizable: '线性一致',
    lease: '租约',
    follower: '在跟随者上',
    session: '会话',
    local: '本地',
  },
  modeHint: {
    linearizable: '领导者先确认自己仍在领导，再回答',
    lease: '租约有效期间，领导者立即回答',
    follower: '跟随者先问领导者必须应用到哪里，再自己回答',
    session: '任何服务器，只要不比该客户端见过的更旧就回答',
    local: '任何服务器立即回答，知道什么就答什么',
  },
  expected: '期望的值；留空表示未设置',
  server: '问哪台服务器',
  anyServer: '领导者',
  send: '发送',
  answer: { ok: '完成', fail: '未执行', unknown: '结果未知', pending: '等待回答' },
};
