export { dataFrame } from './dataFrame';
export { interruptSignal } from './interrupt';
export { liveProgress } from './liveProgress';
export { play, show, type Showable } from './show';
export { useWorkspace } from './workspace';
// Common figures, re-exported so that a notebook needs only one import.
export {
  codeHistogram,
  learningCurves,
  makeFigure,
  predictabilityProfile,
  spectrogram,
  waveform,
} from '@fermata/report';
export type { PlotlyFigure, Table } from '@fermata/report';
