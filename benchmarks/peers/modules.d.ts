// What is used of Node and of the libraries, which are installed only to be measured: types of our own, so that
// checking needs neither.

declare module "node:fs" {
  export function readFileSync(path: string, encoding: "utf-8"): string;
}

declare module "node:process" {
  const process: {
    argv: string[];
    pid: number;
    stdin: unknown;
    stdout: { write(text: string): void };
  };
  export default process;
}

declare module "node:readline" {
  export function createInterface(options: { input: unknown }): AsyncIterable<string>;
}

declare module "convnetjs" {
  export class Vol {
    constructor(numbers: number[]);
    w: Float64Array;
  }

  export interface Layer {
    layer_type: string;
    filters: Vol[];
    biases: Vol;
  }

  export class Net {
    layers: Layer[];
    makeLayers(definitions: object[]): void;
  }

  export class Trainer {
    constructor(net: Net, options: object);
    train(x: Vol, y: number[]): { cost_loss: number };
  }

  const convnetjs: { Vol: typeof Vol; Net: typeof Net; Trainer: typeof Trainer };
  export default convnetjs;
}

declare module "@tensorflow/tfjs" {
  export interface Tensor {
    add(other: Tensor): Tensor;
    matMul(other: Tensor): Tensor;
    mean(): Tensor;
    mul(factor: number): Tensor;
    square(): Tensor;
    sub(other: Tensor): Tensor;
    tanh(): Tensor;
    dataSync(): Float32Array;
    dispose(): void;
  }

  export interface Optimizer {
    minimize(loss: () => Tensor, returnCost: true): Tensor;
  }

  export const train: { sgd(learningRate: number): Optimizer };
  export function ready(): Promise<void>;
  export function setBackend(name: string): Promise<boolean>;
  export function tensor(numbers: number[] | number[][]): Tensor;
  export function variable(start: Tensor): Tensor;
}
