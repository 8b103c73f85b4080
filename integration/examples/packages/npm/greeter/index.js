#!/usr/bin/env node
process.stdout.write(`${require('greeting')}\n`)
