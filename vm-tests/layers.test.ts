import t from 'tap'
import { layerClaims } from '../src/layers/registry.js'
import { layerNamed, layers } from './layers.js'

t.test('every layer of a policy is one of a point, but the report, which refuses nothing', (t) => {
  const missing = layerClaims.map(({ layer }) => layer).filter((layer) => layerNamed(layer) === null)
  t.same(missing, ['report'])
  t.end()
})

t.test('no layer has another name', (t) => {
  t.same(layers.map(layerNamed), layers)
  t.equal(layerNamed('other'), null)
  t.end()
})
