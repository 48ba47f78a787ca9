import v8 from 'node:v8';

// We are idle most of the time: a heap that grows in small steps costs a little more collecting and saves 30 MB.
v8.setFlagsFromString('--semi-space-growth-factor=1');
v8.setFlagsFromString('--heap-growing-percent=20');
