import t from 'tap'
import {
  addressOf,
  bytesOf,
  canonicalIpv6,
  familyOf,
  firstOf,
  isInRange,
  isIpv4,
  nthOf,
  writeAddress,
  type IpRange,
} from './ip-address.js'

/** RFC 5952 4 and 5: each rule with a spelling that breaks it. */
const canonical: readonly (readonly [claim: string, spelled: string, written: string | null])[] = [
  ['leading zeros are left out', '2001:0db8::0001', '2001:db8::1'],
  ['the longest run of zeros is shortened', '2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
  ['of two equal runs the first', '2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['a single group of zeros is not', '2001:db8::1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['letters are lower case', '2001:DB8::ABCD', '2001:db8::abcd'],
  ['all zeros', '0:0:0:0:0:0:0:0', '::'],
  ['dotted quads are groups', '64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ['an IPv4-mapped address is hexadecimal', '::ffff:192.0.2.1', '::ffff:c000:201'],
  ['what is canonical stays', '2001:db8::1', '2001:db8::1'],
  ['a zone is no address', 'fe80::1%eth0', null],
  ['nor are brackets', '[::1]', null],
  ['nor two gaps', '1::2::3', null],
  ['nor nine groups', '1:2:3:4:5:6:7:8:9', null],
  ['nor five digits', '12345::', null],
  ['nor a quad in the middle', '::192.0.2.1:1', null],
  ['nor a quad with a zero in front', '::ffff:192.0.2.01', null],
  ['nor what breaks out of a URL', '::1]/?#[::1', null],
  ['nor an IPv4 address', '192.0.2.1', null],
  ['nor nothing', '', null],
]
for (const [claim, spelled, written] of canonical) {
  t.equal(canonicalIpv6(spelled), written, `IPv6: ${claim}: ${spelled}`)
  if (written === null) continue
  t.equal(canonicalIpv6(written), written, `${written} is its own spelling`)
  t.equal(familyOf(spelled), spelled === written ? 6 : null, `${spelled} has a family only if it is canonical`)
  t.equal(addressOf(bytesOf(written)), written, `${written} to bytes and back`)
}

for (const [text, right] of [
  ['0.0.0.0', true],
  ['255.255.255.255', true],
  ['192.0.2.1', true],
  ['192.0.2.256', false],
  ['192.0.2.01', false],
  ['192.0.2', false],
  ['192.0.2.1.', false],
  ['192.0.2.1 ', false],
  ['192.0.2.\u0661', false],
  ['0x7f.0.0.1', false],
  ['+1.0.0.1', false],
] as const) {
  t.equal(isIpv4(text), right, `IPv4: ${JSON.stringify(text)}`)
  t.equal(familyOf(text), right ? 4 : null)
}

t.test('bytes are in network order', (t) => {
  t.same([...bytesOf('192.0.2.1')], [192, 0, 2, 1])
  t.same([...bytesOf('2001:db8::ff')], [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff])
  t.same(
    [...bytesOf('::')],
    Array.from({ length: 16 }, () => 0),
  )
  t.same([...bytesOf('1:2:3:4:5:6:7:8')], [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8])
  t.end()
})

const range = (text: string): IpRange => {
  const [address = '', prefix] = text.split('/')
  return { address, prefix: Number(prefix) }
}

for (const [inside, outside, text] of [
  [['10.0.0.0', '10.255.255.255'], ['9.255.255.255', '11.0.0.0'], '10.0.0.0/8'],
  [['172.16.0.0', '172.31.255.255'], ['172.15.255.255', '172.32.0.0'], '172.16.0.0/12'],
  [['192.0.2.1'], ['192.0.2.0', '192.0.2.2'], '192.0.2.1/32'],
  [['128.0.0.0', '255.0.0.0'], ['127.255.255.255'], '128.0.0.0/1'],
  [['fc00::', 'fdff::1'], ['fbff::', 'fe00::'], 'fc00::/7'],
  [['2001:db8::1'], ['2001:db8::', '2001:db8::2'], '2001:db8::1/128'],
  [['::ffff:102:304'], ['::fffe:102:304', '1.2.3.4'], '::ffff:0:0/96'],
] as const) {
  t.test(`a range holds its first and last address and no neighbour: ${text}`, (t) => {
    for (const address of inside) t.ok(isInRange(address, range(text)), address)
    for (const address of outside) t.notOk(isInRange(address, range(text)), address)
    t.equal(firstOf(range(text)), range(text).address)
    t.end()
  })
}

t.test('no family is in a range of the other, even if all bits agree', (t) => {
  t.notOk(isInRange('::', range('0.0.0.0/0')))
  t.notOk(isInRange('0.0.0.0', range('::/0')))
  t.ok(isInRange('::1', range('::/0')), 'control')
  t.end()
})

t.test('the first address of a range', (t) => {
  for (const [text, first] of [
    ['10.1.2.3/8', '10.0.0.0'],
    ['10.1.2.3/12', '10.0.0.0'],
    ['10.31.2.3/12', '10.16.0.0'],
    ['10.1.2.3/32', '10.1.2.3'],
    ['10.1.2.3/31', '10.1.2.2'],
    ['2001:db8:ffff::1/33', '2001:db8:8000::'],
    ['2001:db8::1/128', '2001:db8::1'],
    ['2001:db8::1/64', '2001:db8::'],
  ] as const)
    t.equal(firstOf(range(text)), first, text)
  t.end()
})

t.test('the n-th address carries over bytes', (t) => {
  t.equal(nthOf(range('198.18.0.0/15'), 0), '198.18.0.0')
  t.equal(nthOf(range('198.18.0.0/15'), 1), '198.18.0.1')
  t.equal(nthOf(range('198.18.0.0/15'), 256), '198.18.1.0')
  t.equal(nthOf(range('198.18.0.255/32'), 1), '198.18.1.0')
  t.equal(nthOf(range('198.18.0.0/15'), 65_536), '198.19.0.0')
  t.equal(nthOf(range('fd50:616c:6973::/48'), 65_535), 'fd50:616c:6973::ffff')
  t.equal(nthOf(range('fd50:616c:6973::/48'), 65_536), 'fd50:616c:6973::1:0')
  t.end()
})

t.test('an address with its port has brackets if it has colons', (t) => {
  t.equal(writeAddress('192.0.2.1', 443), '192.0.2.1:443')
  t.equal(writeAddress('2001:db8::1', 443), '[2001:db8::1]:443')
  t.end()
})
