/** The stub's answers (native/relay/dns_message.h), question by question. */
import t, { type Test } from 'tap'
import { opt, query, queryId, readAnswer, u16 } from './dns.js'
import { bytes } from './hello.js'
import { buildParser, parse, type Mode } from './parse.js'

await buildParser()
const v4 = 'c6120001'
const v6 = 'fd000000000000000000000000000001'
const wild = 'c6120002'
const stub: Mode = ['dns', '*.example.com', wild, '-', 'api.example.com', v4, v6, 'six.example.net', '-', v6]
const label = 'a'.repeat(63)
const [aaaa, any, https, ptr, mx] = [28, 255, 65, 12, 15]

type Case = readonly [claim: string, query: Buffer, answer: string]

async function agree(t: Test, cases: readonly Case[]): Promise<void> {
  const answers = await parse(
    stub,
    cases.map(([, asked]) => asked),
  )
  for (const [index, [claim, asked, answer]] of cases.entries()) {
    t.equal(readAnswer(asked, answers[index] ?? ''), answer, claim)
  }
}

t.test('a granted name has its address, and no record of any other type', (t) =>
  agree(t, [
    ['A', query('api.example.com'), `NOERROR AA ${v4}`],
    ['AAAA', query('api.example.com', { type: aaaa }), `NOERROR AA ${v6}`],
    ['in any case, which comes back', query('aPi.ExAmPlE.cOm'), `NOERROR AA ${v4}`],
    ['a wildcard', query('x.example.com'), `NOERROR AA ${wild}`],
    ['a wildcard without IPv6', query('x.example.com', { type: aaaa }), 'NOERROR AA'],
    ['a name without IPv4', query('six.example.net'), 'NOERROR AA'],
    ['its IPv6', query('six.example.net', { type: aaaa }), `NOERROR AA ${v6}`],
    ['ANY', query('api.example.com', { type: any }), 'NOERROR AA'],
    ['HTTPS', query('api.example.com', { type: https }), 'NOERROR AA'],
    ['MX', query('api.example.com', { type: mx }), 'NOERROR AA'],
    ['without RD', query('api.example.com', { flags: 0 }), `NOERROR AA ${v4}`],
  ]),
)

t.test('every other name is refused, whatever is asked of it', (t) =>
  agree(t, [
    ['control: granted', query('api.example.com'), `NOERROR AA ${v4}`],
    ['another name', query('evil.example.net'), 'REFUSED'],
    ['AAAA', query('evil.example.net', { type: aaaa }), 'REFUSED'],
    ['ANY', query('evil.example.net', { type: any }), 'REFUSED'],
    ['PTR', query('1.0.18.198.in-addr.arpa', { type: ptr }), 'REFUSED'],
    ['the root', query([]), 'REFUSED'],
    ['below a granted name', query('x.api.example.com'), 'REFUSED'],
    ['above a granted name', query('example.net'), 'REFUSED'],
    ['the name of a wildcard itself', query('example.com'), 'REFUSED'],
    ['an asterisk', query('*.example.com'), 'REFUSED'],
    ['with a search domain behind', query('api.example.com.internal'), 'REFUSED'],
    ['a dot inside of a label', query(['api.example', 'com']), 'REFUSED'],
    ['a dot inside of the wildcard label', query(['a.b', 'example', 'com']), 'REFUSED'],
    ['a NUL inside of a label', query(['api\0', 'example', 'com']), 'REFUSED'],
    ['an underscore', query('_x.example.com'), 'REFUSED'],
    ['253 bytes below a granted one', query(`${label}.${label}.${label}.${'b'.repeat(45)}.api.example.com`), 'REFUSED'],
    ['253 bytes of anything', query([label, label, label, Buffer.alloc(61, 0xff)]), 'REFUSED'],
    ['class CH', query('api.example.com', { qclass: 3 }), 'REFUSED'],
    ['class ANY', query('api.example.com', { qclass: 255 }), 'REFUSED'],
  ]),
)

t.test('random labels of full length are refused, below a granted name too', async (t) => {
  const random = Array.from({ length: 500 }, (_, index) => {
    const word = (part: number) => Buffer.from(`${index * 7919 + part}`.repeat(20)).subarray(0, 59)
    return query([word(1), word(2), word(3), word(4), ...(index % 2 === 0 ? [] : ['com'])])
  })
  const answers = await parse(stub, random)
  t.same(new Set(answers.map((answer, index) => readAnswer(random[index] ?? bytes(), answer))), new Set(['REFUSED']))
})

t.test('EDNS is answered with EDNS, without options', (t) =>
  agree(t, [
    ['EDNS', query('api.example.com', { behind: opt() }), `NOERROR AA ${v4} EDNS`],
    ['DO comes back', query('api.example.com', { behind: opt({ flags: 0x8000 }) }), `NOERROR AA ${v4} EDNS+DO`],
    [
      'a cookie does not',
      query('api.example.com', { behind: opt({ options: Buffer.concat([u16(10, 8), Buffer.alloc(8, 1)]) }) }),
      `NOERROR AA ${v4} EDNS`,
    ],
    ['a refusal', query('evil.example.net', { behind: opt() }), 'REFUSED EDNS'],
    ['version 1', query('api.example.com', { behind: opt({ version: 1 }) }), 'BADVERS EDNS'],
    ['an option that is cut', query('api.example.com', { behind: opt({ options: bytes(0, 10, 0, 8, 1) }) }), 'FORMERR'],
    ['an OPT that is cut', query('api.example.com', { behind: opt().subarray(0, -1) }), 'FORMERR'],
    ['an OPT with a name', query('api.example.com', { behind: Buffer.concat([bytes(1, 97), opt()]) }), 'FORMERR'],
    [
      'another record there',
      query('api.example.com', { behind: Buffer.concat([bytes(0), u16(1, 1, 0, 0, 0)]) }),
      'FORMERR',
    ],
    [
      'two of them',
      query('api.example.com', { behind: Buffer.concat([opt(), opt()]), counts: [1, 0, 0, 2] }),
      'FORMERR',
    ],
  ]),
)

t.test('what is no single plain question is answered without one', (t) => {
  const good = query('api.example.com')
  const end = good.length - 4
  const pointer = Buffer.concat([good.subarray(0, end - 1), bytes(0xc0, 12), good.subarray(end)])
  return agree(t, [
    ['control', good, `NOERROR AA ${v4}`],
    ['no question', query('api.example.com', { counts: [0, 0, 0, 0] }), 'FORMERR'],
    ['two questions', query('api.example.com', { counts: [2, 0, 0, 0] }), 'FORMERR'],
    ['an answer in it', query('api.example.com', { counts: [1, 1, 0, 0] }), 'FORMERR'],
    ['an authority in it', query('api.example.com', { counts: [1, 0, 1, 0] }), 'FORMERR'],
    ['one byte behind it', query('api.example.com', { behind: bytes(0), counts: [1, 0, 0, 0] }), 'FORMERR'],
    ['one byte less', good.subarray(0, -1), 'FORMERR'],
    ['a name that does not end', good.subarray(0, end - 1), 'FORMERR'],
    ['the header alone', good.subarray(0, 12), 'FORMERR'],
    ['a pointer', pointer, 'FORMERR'],
    ['a pointer to itself', Buffer.concat([good.subarray(0, 12), bytes(0xc0, 12), good.subarray(end)]), 'FORMERR'],
    [
      'a label of another type',
      Buffer.concat([good.subarray(0, 12), bytes(0x41, 0, 0), good.subarray(end)]),
      'FORMERR',
    ],
    ['254 bytes of name', query([label, label, label, 'b'.repeat(62)]), 'FORMERR'],
    ['513 bytes', query('api.example.com', { behind: opt({ options: Buffer.alloc(513 - end - 15) }) }), 'FORMERR'],
    ['opcode NOTIFY', query('api.example.com', { flags: 0x2000 }), 'NOTIMP'],
    ['opcode IQUERY', query('api.example.com', { flags: 0x0800 }), 'NOTIMP'],
  ])
})

t.test('what is no query has no answer', (t) =>
  agree(t, [
    ['a response', query('api.example.com', { flags: 0x8100 }), 'none'],
    ['eleven bytes', query('api.example.com').subarray(0, 11), 'none'],
    ['nothing', bytes(), 'none'],
    ['control: twelve bytes', query('api.example.com').subarray(0, 12), 'FORMERR'],
  ]),
)

t.test('flags come back as the RFCs say', async (t) => {
  const flagsOf = async (flags: number): Promise<number> => {
    const [hex = ''] = await parse(stub, [query('api.example.com', { flags })])
    t.equal(Buffer.from(hex, 'hex').readUInt16BE(0), queryId)
    return Buffer.from(hex, 'hex').readUInt16BE(2)
  }
  t.equal(await flagsOf(0), 0x8400, 'QR and AA')
  t.equal(await flagsOf(0x0100), 0x8500, 'RD comes back, RA is not set')
  t.equal(await flagsOf(0x0010), 0x8410, 'CD comes back (RFC 4035 3.2.2)')
  t.equal(await flagsOf(0x06e0), 0x8400, 'AA, TC, RA, Z and AD do not')
})
