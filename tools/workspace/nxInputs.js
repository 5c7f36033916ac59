// Prints as JSON what Nx compares before it takes an earlier result of each project's tests, and which projects a change
// of each file affects: `node nxInputs.js FILE…`.
const { createProjectGraphAsync } = require('@nx/devkit');
const { HashPlanInspector } = require('nx/src/hasher/hash-plan-inspector');
const { filterAffected } = require('nx/src/project-graph/affected/affected-project-graph');
const { WholeFileChange } = require('nx/src/project-graph/file-utils');

async function main(changed) {
  const graph = await createProjectGraphAsync({ exitOnError: true });
  const inspector = new HashPlanInspector(graph);
  await inspector.init();
  const inputs = {};
  for (const { name, data } of Object.values(graph.nodes)) {
    if (!('test' in data.targets)) continue;
    const tasks = inspector.inspectTaskInputs({ project: name, target: 'test' });
    inputs[data.root] = { tasks: Object.keys(tasks), ...tasks[`${name}:test`] };
  }
  const affected = {};
  for (const file of changed) {
    const touched = [{ file, getChanges: () => [new WholeFileChange()] }];
    affected[file] = Object.keys((await filterAffected(graph, touched)).nodes);
  }
  console.log(JSON.stringify({ inputs, affected }));
}

main(process.argv.slice(2));
