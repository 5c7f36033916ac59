export { composePiece, type ComposeOptions, type Piece } from './composePiece';
