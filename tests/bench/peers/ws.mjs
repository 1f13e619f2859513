// Node's `ws`: a set of sockets for each topic, and `send` for each of them. Orders and answers as in control.py.

import { openSync, readFileSync, readSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { endianness } from 'node:os'
import { parseArgs } from 'node:util'
import { WebSocketServer } from 'ws'

const STAMP_RANGE = 1_000_000_000_000n
const { values: options } = parseArgs({
  options: {
    progress: { type: 'string' },
    topics: { type: 'string', default: '1' },
    deflate: { type: 'boolean', default: false },
  },
})
const topics = Number(options.topics)
const progress = openSync(options.progress, 'r')
const eight = Buffer.alloc(8)
const { version } = JSON.parse(readFileSync(new URL('node_modules/ws/package.json', import.meta.url), 'utf8'))

const now = () => process.hrtime.bigint()
const turn = () => new Promise((resolve) => setImmediate(resolve))
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`)
const address = (number) => `bars:SY${String(number).padStart(2, '0')}:1`

const subscribers = new Map()
const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  backlog: 2048,
  perMessageDeflate: options.deflate
    ? { serverNoContextTakeover: true, clientNoContextTakeover: true, threshold: 64 }
    : false,
})
server.on('connection', (socket) => {
  const mine = new Set()
  socket.on('message', (data) => {
    for (const number of JSON.parse(data).subscribe) {
      const topic = address(number)
      if (!subscribers.has(topic)) subscribers.set(topic, new Set())
      subscribers.get(topic).add(socket)
      mine.add(topic)
    }
    socket.send('{"ok":true}')
  })
  socket.on('close', () => {
    for (const topic of mine) subscribers.get(topic).delete(socket)
  })
  socket.on('error', () => {})
})

// JSON.stringify would write 1.0 as 1, and all updates shall have the same size.
function text(number, stamp) {
  const unit = (number % 9) + 1
  const bar = `{"time":${stamp},"open":${unit}.25,"high":${unit}.75,"low":${unit}.25,"close":${unit}.75,"volume":${unit}.0}`
  const seq = Math.floor(number / topics) + 1
  return `{"type":"bars.update","topic":"${address(number % topics)}","seq":${seq},"ts":${Date.now()},"payload":${bar}}`
}

function publish(number, stamp) {
  const message = text(number, stamp)
  for (const socket of subscribers.get(address(number % topics)) ?? []) socket.send(message)
}

const stampOf = (ns) => STAMP_RANGE + ((ns / 1000n) % STAMP_RANGE)

function delivered() {
  readSync(progress, eight, 0, 8, 0)
  return Number(endianness() === 'LE' ? eight.readBigUInt64LE() : eight.readBigUInt64BE())
}

async function run(seconds, perTurn, window, owed) {
  const cpu = process.cpuUsage()
  const start = now()
  const end = start + BigInt(Math.round(seconds * 1e9))
  let [messages, turns, waits] = [0, 0, 0]
  while (now() < end) {
    while (turns * owed - delivered() > window * owed && now() < end) {
      waits++
      await turn()
    }
    const stamp = stampOf(now())
    for (let i = 0; i < perTurn; i++) publish(messages++, stamp)
    turns++
    await turn()
  }
  return report(messages, turns, waits, start, cpu)
}

async function pace(count, perSecond) {
  const cpu = process.cpuUsage()
  const start = now()
  for (let number = 0; number < count; number++) {
    const due = start + BigInt(Math.round((number * 1e9) / perSecond))
    const rest = Number(due - now()) / 1e6 - 2
    if (rest > 0) await sleep(rest)
    while (now() < due) await turn()
    publish(number, stampOf(due))
    await turn()
  }
  return report(count, count, 0, start, cpu)
}

// Nanoseconds of the monotonic clock fit a double for a hundred days.
function report(messages, turns, waits, start, before) {
  const { user, system } = process.cpuUsage(before)
  return { messages, turns, waits, start_ns: Number(start), end_ns: Number(now()), cpu: (user + system) / 1e6 }
}

async function obey(line) {
  const [word, ...numbers] = line.split(' ')
  const values = numbers.map(Number)
  if (word === 'run') return run(...values)
  if (word === 'pace') return pace(...values)
  globalThis.gc()
  return { done: true }
}

server.on('listening', async () => {
  say({ port: server.address().port, version, pid: process.pid })
  for await (const line of createInterface({ input: process.stdin })) say(await obey(line))
  process.exit(0)
})
