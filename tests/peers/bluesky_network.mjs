// A whole atproto network on loopback, for tests: a directory of identities, a server for accounts (PDS), an index
// (AppView) with its PostgreSQL and Redis, and a stand-in for the search engine, which is no part of the open software.
//
// Started by bluesky.py with one JSON argument. Takes one command a line on stdin, answers each with one line that
// begins with '@', and ends with everything it started when stdin closes.

import { spawn } from 'node:child_process'
import http from 'node:http'
import { createRequire } from 'node:module'
import net from 'node:net'
import readline from 'node:readline'

const settings = JSON.parse(process.argv[2]) // folder, modules, postgresql, user, ports
const { ports } = settings

// --- a clock that can be put forward, so that tokens live their time in a moment ------------------------------------

const TrueDate = Date
let ahead = 0
globalThis.Date = class extends TrueDate {
  constructor(...parts) {
    if (parts.length) super(...parts)
    else super(TrueDate.now() + ahead)
  }
  static now() {
    return TrueDate.now() + ahead
  }
}

// --- nothing listens beyond this machine -----------------------------------------------------------------------------

const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (first, ...rest) {
  if (first !== null && typeof first === 'object') return listen.call(this, { host: '127.0.0.1', ...first }, ...rest)
  const callback = rest.find((value) => typeof value === 'function')
  return listen.call(this, { host: '127.0.0.1', port: Number(first) }, callback)
}

// --- PostgreSQL and Redis --------------------------------------------------------------------------------------------

const children = []

function start(command, args) {
  const as = settings.user ? { uid: settings.user[0], gid: settings.user[1] } : {}
  const child = spawn(command, args, { ...as, cwd: settings.folder, stdio: ['ignore', 'ignore', 'inherit'] })
  child.on('error', (error) => end(1, error))
  return child
}

function finished(child) {
  return new Promise((resolve, reject) =>
    child.once('exit', (code) => (code ? reject(new Error(`${child.spawnfile} ended with ${code}`)) : resolve())),
  )
}

async function answering(port) {
  for (let tries = 0; tries < 400; tries++) {
    const is_open = await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (is_open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`nothing answers on port ${port}`)
}

async function startDatabases() {
  const data = `${settings.folder}/data/postgresql`
  const init = ['-D', data, '-U', 'peer', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']
  children.push(start('redis-server', ['--port', ports.redis, '--bind', '127.0.0.1', '--save', '', '--dir', `${settings.folder}/data`]))
  await finished(start(`${settings.postgresql}/initdb`, init))
  const options = { listen_addresses: '127.0.0.1', port: ports.postgresql, fsync: 'off', max_connections: 200 }
  const set = Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  children.push(start(`${settings.postgresql}/postgres`, ['-D', data, '-k', `${settings.folder}/data`, ...set]))
  await Promise.all([answering(ports.postgresql), answering(ports.redis)])
}

async function end(code, error) {
  if (error) console.error(error)
  for (const child of children) child.kill('SIGINT') // quick for PostgreSQL, orderly for Redis
  await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? new Promise((done) => child.once('exit', done))))
  process.exit(code)
}
process.on('SIGTERM', () => end(0))
process.on('SIGINT', () => end(0))
process.on('uncaughtException', (error) => end(1, error))
process.on('unhandledRejection', (error) => end(1, error))

// --- the network -----------------------------------------------------------------------------------------------------

await startDatabases()
process.env.TMPDIR = `${settings.folder}/files`
process.env.DB_POSTGRES_URL = `postgresql://peer@127.0.0.1:${ports.postgresql}/postgres`
process.env.DB_POSTGRES_SCHEMA = 'peer'
process.env.REDIS_HOST = `127.0.0.1:${ports.redis}`
process.env.LOG_ENABLED = 'false'
const modules = createRequire(`${settings.modules}/x.js`)
const { TestNetwork } = await import(modules.resolve('@atproto/dev-env'))
const { AtpAgent, RichText } = await import(modules.resolve('@atproto/api'))
const { sql } = await import(modules.resolve('kysely'))
const network = await TestNetwork.create({
  plc: { port: ports.plc },
  pds: { port: ports.pds, hostname: 'localhost', enableDidDocWithSession: true, rateLimitsEnabled: false },
  bsky: { port: ports.appview, publicUrl: `http://localhost:${ports.appview}`, searchUrl: `http://127.0.0.1:${ports.search}` },
  ozone: { port: ports.ozone },
})

// --- the search engine: loose, as search engines are. Whoever reads has to look for the hashtag itself ---------------

let most = 10_000 // posts that one query gives
let engine

async function search(params) {
  const limit = Number(params.get('limit') ?? 25)
  const offset = Number(params.get('cursor') ?? 0)
  const words = (params.get('q') ?? '').split(/\s+/).map((word) => word.replace(/^#/, '').toLowerCase())
  const wanted = words.filter(Boolean).map((word) => sql`position(${word} in lower(record.json)) > 0`)
  const until = params.get('until')
  if (until) wanted.push(sql`post."sortAt" < ${new TrueDate(until).toISOString()}`)
  const { rows } = await sql`
    select post.uri from post join record on record.uri = post.uri where ${sql.join(wanted, sql` and `)}
    order by post."sortAt" desc, post.cid desc limit ${Math.min(limit, most - offset)} offset ${offset}
  `.execute(network.bsky.db.db)
  const isMore = rows.length === limit && offset + limit < most
  return { posts: rows.map(({ uri }) => ({ uri })), ...(isMore ? { cursor: String(offset + limit) } : {}) }
}

async function startEngine() {
  engine = http.createServer(async (request, response) => {
    const found = await search(new URL(request.url, 'http://engine').searchParams).catch((error) => ({ error: 'InternalServerError', message: error.message }))
    response.writeHead(found.error ? 500 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(found))
  })
  await new Promise((resolve) => engine.listen(ports.search, resolve))
}

async function stopEngine() {
  engine.closeAllConnections()
  await new Promise((resolve) => engine.close(resolve))
}

// --- what tests ask for ----------------------------------------------------------------------------------------------

const agents = new Map()
const POST = 'app.bsky.feed.post'
const PROFILE = 'app.bsky.actor.profile'
const keyOf = (uri) => uri.split('/').at(-1)
const agentOf = (uri) => [...agents.values()].find(({ did }) => did === uri.split('/')[2])
const admin = () => ({ headers: network.pds.adminAuthHeaders(), encoding: 'application/json' })

async function logIn(agent, password) {
  await agent.login({ identifier: agent.did, password })
}

async function described(agent, { displayName, description, labels }) {
  const values = labels?.map((val) => ({ val }))
  const said = values ? { $type: 'com.atproto.label.defs#selfLabels', values } : undefined
  const record = { $type: PROFILE, displayName, description, labels: said }
  await agent.com.atproto.repo.putRecord({ repo: agent.did, collection: PROFILE, rkey: 'self', record })
}

const commands = {
  async account({ name, handle, password, profile }) {
    const agent = new AtpAgent({ service: network.pds.url })
    await agent.createAccount({ handle, email: `${name}@mail.example`, password })
    agent.password = password
    agents.set(name, agent)
    if (profile) await described(agent, profile)
    return { did: agent.did }
  },
  async describe({ name, profile }) {
    await described(agents.get(name), profile)
  },
  async post({ name, text, record, facets }) {
    const agent = agents.get(name)
    const rich = new RichText({ text })
    if (facets) await rich.detectFacets(agent)
    const marked = rich.facets?.length ? { facets: rich.facets } : {}
    const { uri } = await agent.post({ text: rich.text, createdAt: new Date().toISOString(), ...marked, ...record })
    return { uri }
  },
  async refer({ uri }) {
    const { data } = await network.pds.getAgent().com.atproto.repo.getRecord({ repo: uri.split('/')[2], collection: POST, rkey: keyOf(uri) })
    return { uri, cid: data.cid }
  },
  async remove({ uri }) {
    await agentOf(uri).deletePost(uri)
  },
  async putOver({ uri, text, record }) {
    const agent = agentOf(uri)
    const value = { $type: POST, text, createdAt: new Date().toISOString(), ...record }
    await agent.com.atproto.repo.putRecord({ repo: agent.did, collection: POST, rkey: keyOf(uri), record: value })
  },
  async rename({ name, handle }) {
    await agents.get(name).updateHandle({ handle })
  },
  async deactivate({ name }) {
    await agents.get(name).com.atproto.server.deactivateAccount({})
  },
  async activate({ name }) {
    await agents.get(name).com.atproto.server.activateAccount()
  },
  async takeDown({ name }) {
    const { did } = agents.get(name)
    const subject = { $type: 'com.atproto.admin.defs#repoRef', did }
    await network.pds.getAgent().com.atproto.admin.updateSubjectStatus({ subject, takedown: { applied: true, ref: 'test' } }, admin())
    await network.bsky.ctx.dataplane.takedownActor({ did })
  },
  async erase({ name }) {
    await network.pds.getAgent().com.atproto.admin.deleteAccount({ did: agents.get(name).did }, admin())
    agents.delete(name)
  },
  async block({ name, other }) {
    const agent = agents.get(name)
    await agent.app.bsky.graph.block.create({ repo: agent.did }, { subject: agents.get(other).did, createdAt: new Date().toISOString() })
  },
  async passTime({ hours }) {
    ahead += hours * 3_600_000
    for (const agent of agents.values()) await logIn(agent, agent.password).catch(() => {}) // some are put away
  },
  async endSessions({ name }) {
    const { did } = agents.get(name)
    await network.pds.ctx.accountManager.db.db.deleteFrom('refresh_token').where('did', '=', did).execute()
  },
  stopSearch: stopEngine,
  startSearch: startEngine,
  async searchGives({ posts }) {
    most = posts
  },
}

await startEngine()
const answer = (value) => process.stdout.write(`@${JSON.stringify(value)}\n`)
answer({ pds: network.pds.url, appview: network.bsky.url })
for await (const line of readline.createInterface({ input: process.stdin })) {
  const { command, ...values } = JSON.parse(line)
  try {
    const value = await commands[command](values)
    await network.processAll(20_000)
    answer(value ?? {})
  } catch (error) {
    answer({ failed: `${command}: ${error.message}` })
  }
}
await end(0)
