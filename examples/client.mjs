// Prints the bars of a symbol, with nothing but WebSocket: browsers, and Node 22 or later.
// node examples/client.mjs [SYMBOL] [RESOLUTION] [URL]
const [symbol = 'AAPL', resolution = '1', url = 'ws://127.0.0.1:8000/api/v1/ws'] = process.argv.slice(2)

const socket = new WebSocket(url)
let topic

socket.addEventListener('open', () => {
  socket.send(JSON.stringify({ type: 'bars.subscribe', id: 1, payload: { symbol, resolution } }))
  // Any message counts as a sign of life; this one is for clients that have nothing else to say.
  setInterval(() => socket.send(JSON.stringify({ type: 'ping' })), 10_000)
})

socket.addEventListener('message', ({ data }) => {
  const message = JSON.parse(data)
  switch (message.type) {
    case 'bars.subscribe.response':
      if (message.payload.status === 'error') {
        console.error(message.payload.message, message.payload.errors ?? '')
        process.exit(1)
      }
      topic = message.payload.topic
      console.log(`subscribed to ${topic}`)
      break
    case 'bars.update':
      if (message.topic === topic) {
        const { time, open, high, low, close, volume } = message.payload
        console.log(new Date(time).toISOString(), open, high, low, close, volume)
      }
      break
    case 'error':
      console.error(message.payload.message)
  }
})

socket.addEventListener('close', ({ code, reason }) => {
  // 4000 to 4499: come back after a random wait; 4500 and more: do not.
  console.error(`closed ${code} ${reason}`)
  process.exit(code === 1000 ? 0 : 1)
})
