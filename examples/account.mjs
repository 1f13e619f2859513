// Prints what an account is worth, with a token and nothing but WebSocket: browsers, and Node 22 or later.
// TAPEWIRE_TOKEN="$(python -m service token --key dev-key.json --subject me --account DEMO-1)" \
//   node examples/account.mjs [ACCOUNT] [URL]
const [account = 'DEMO-1', url = 'ws://127.0.0.1:8000/api/v1/ws'] = process.argv.slice(2)
const token = process.env.TAPEWIRE_TOKEN

const socket = new WebSocket(url)
const send = message => socket.send(JSON.stringify(message))

const give = why => {
  console.error(why)
  process.exit(1)
}

if (!token) give('put a token into TAPEWIRE_TOKEN')

socket.addEventListener('open', () => {
  // In a message, never in the URL, which ends up in logs. What is sent after it is judged with it.
  send({ type: 'session.authenticate', id: 1, payload: { token } })
  send({ type: 'account.subscribe', id: 2, payload: { account_id: account } })
  setInterval(() => send({ type: 'ping' }), 10_000)
})

socket.addEventListener('message', ({ data }) => {
  const { type, payload } = JSON.parse(data)
  switch (type) {
    case 'session.authenticate.response':
      if (payload.status === 'error') give(payload.message)
      // A program that runs for longer sends another token on this connection before this one runs out.
      if (payload.expires_in_ms !== undefined) console.log(`good for ${Math.round(payload.expires_in_ms / 1000)} s`)
      break
    case 'account.subscribe.response':
      if (payload.status === 'error') give(`${account}: ${payload.message}`)
      break
    case 'account.update':
      // Decimal text: numbers would not keep it.
      console.log(payload.equity, payload.currency, payload.unrealized_profit)
      break
    case 'topic.closed':
      give(`${account}: ${payload.message}`)
      break
    case 'error':
      console.error(payload.message)
  }
})

socket.addEventListener('close', ({ code, reason }) => {
  // 4003: the token has run out; connect again with another.
  give(`closed ${code} ${reason}`)
})
