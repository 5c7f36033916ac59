export { dataFrame } from './dataFrame';
export { interruptSignal } from './interrupt';
export { liveProgress } from './liveProgress';
export { play, show, type Showable } from './show';
export { useWorkspace } from './workspace';
// What cells show most, so that a notebook needs one import for it.
export {
  codeHistogram,
  learningCurves,
  makeFigure,
  predictabilityProfile,
  spectrogram,
  waveform,
} from '@fermata/report';
export type { PlotlyFigure, Table } from '@fermata/report';
