/**
 * Tells if the system's loader finds a shared library and everything that it needs, as libtensorflow will ask for it.
 * Loads the library for a moment.
 *
 * @param file the library's file name, such as `libcuda.so.1`
 */
export function canLoad(file: string): boolean {
  try {
    process.dlopen({ exports: {} }, file);
    return true;
  } catch (error) {
    // Node complains of a loaded library, which is no addon, and unloads it.
    return String(error).includes('did not self-register');
  }
}

/** Shared library of NVIDIA's driver. */
export const driverLibrary = 'libcuda.so.1';

/**
 * Tells if TensorFlow may find a GPU here. It takes milliseconds, where loading libtensorflow takes a second. On Windows
 * only loading libtensorflow can tell.
 */
export function mayHaveGpu(): boolean {
  return process.platform === 'linux' ? canLoad(driverLibrary) : process.platform === 'win32';
}
