// Fetches each URL of its arguments and says how that went.
for (const url of process.argv.slice(2)) {
  const told = await fetch(url, { signal: AbortSignal.timeout(8000) })
    .then(async (response) => `reached ${url} ${(await response.text()).trim()}`)
    .catch((error) => `refused ${url} ${error.cause?.code ?? error.cause?.errors?.[0]?.code ?? error}`)
  console.log(told)
}
