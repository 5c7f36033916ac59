// Runs before each spec: threads and processes that a spec starts run TypeScript sources, as jest does for the spec.
process.execArgv.push('--require', require.resolve('./register.js'));
