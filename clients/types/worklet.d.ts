/** What exists inside an AudioWorklet; TypeScript's own library leaves it out. */

declare const sampleRate: number;
declare const currentFrame: number;
declare const currentTime: number;

declare class AudioWorkletProcessor {
  readonly port: MessagePort;
  process(inputs: Float32Array[][], outputs: Float32Array[][], parameters: Record<string, Float32Array>): boolean;
}

declare function registerProcessor(
  name: string,
  processor: new (options: { processorOptions: any }) => AudioWorkletProcessor,
): void;
