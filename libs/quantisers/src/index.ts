export * from './argmaxQuantiser';
export * from './codeUse';
export * from './createQuantiser';
export * from './quantiser';
export * from './vectorQuantiser';
