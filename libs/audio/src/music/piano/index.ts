export { Piano } from './piano';
export { pianoRate } from './samples';
