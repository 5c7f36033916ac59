import { createHash } from 'node:crypto';

/** Files of a small wheel with the paths of TensorFlow's, and the RECORD of their SHA-256. */
export function wheelFiles(name = 'tensorflow-cpu', version = '2.9.1'): Record<string, string> {
  const info = `${name.replace('-', '_')}-${version}.dist-info`;
  const files: Record<string, string> = {
    'tensorflow/__init__.py': 'not wanted',
    'tensorflow/libtensorflow_framework.so.2': 'the framework',
    'tensorflow/python/_pywrap_tensorflow_internal.so': 'the C API',
    'tensorflow/include/tensorflow/c/c_api.h': '// the header',
    [`${info}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
  };
  const record = Object.entries(files).map(([path, contents]) => {
    const hash = createHash('sha256').update(contents).digest('base64url');
    return `${path},sha256=${hash},${contents.length}\n`;
  });
  return { ...files, [`${info}/RECORD`]: `${record.join('')}${info}/RECORD,,\n` };
}

/** ZIP archive of files, stored without compression or checksums. */
export function zipOf(files: Record<string, string>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [path, text] of Object.entries(files)) {
    const [name, contents] = [Buffer.from(path), Buffer.from(text)];
    const { length } = contents;
    const common = fields([20, 2], [0, 2], [0, 2], [0, 4], [0, 4], [length, 4], [length, 4]);
    const names = fields([name.length, 2], [0, 2]);
    const local = Buffer.concat([fields([0x04034b50, 4]), common, names, name, contents]);
    const rest = fields([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]);
    directory.push(Buffer.concat([fields([0x02014b50, 4], [20, 2]), common, names, rest, name]));
    parts.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const count = directory.length;
  const end = fields(
    [0x06054b50, 4],
    [0, 4],
    [count, 2],
    [count, 2],
    [central.length, 4],
    [offset, 4],
    [0, 2],
  );
  return Buffer.concat([...parts, central, end]);
}

/** Little-endian numbers, each with its size in bytes. */
function fields(...numbers: [value: number, bytes: number][]): Buffer {
  return Buffer.concat(
    numbers.map(([value, bytes]) => {
      const field = Buffer.alloc(bytes);
      field.writeUIntLE(value, 0, bytes);
      return field;
    }),
  );
}
