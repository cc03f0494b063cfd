import type { Glue, Simulation, Vocabularies } from '../generated/glue.js';
import { createGlue } from '../generated/glue.js';
import { isErrorShape, type PanicDetails, RaftError, type RecordedCall } from './error.js';
import { Frame } from './frame.js';
import { engineModule, type WasmSource, workshopModule } from './module.js';
import { CallRecorder } from './recording.js';

/** Where the engine of a cluster comes from. */
export interface EngineSource extends WasmSource {
  /**
   * An engine that can also judge histories, for conditions `history` in `act` and `runUntil`. It is several times as large.
   * Scenarios and recordings that need it get it by themselves.
   */
  judges?: boolean;
  /** Where that one comes from when the default, a file beside this one, cannot be fetched. */
  workshop?: WasmSource['wasm'];
}

/** The class of simulations, whichever module it is in. */
type Simulations = Glue['Simulation'];

/** One instance of the compiled engine with one simulation in it. Keeps what is needed to tell how it died, if it does. */
export class Instance {
  #simulation: Simulation | undefined;
  #dead: RaftError | undefined;
  readonly #frame: Frame;
  /** Whether the frame was read before the last change. */
  #stale = true;
  readonly #calls = new CallRecorder();
  #seed: number | null = null;
  readonly vocabularies: Vocabularies;

  private constructor(simulations: Simulations, made: RecordedCall, make: (simulations: Simulations) => Simulation) {
    this.#calls.add(made);
    try {
      this.#simulation = make(simulations);
      this.#frame = new Frame(simulations.frameLayout());
      this.vocabularies = simulations.vocabularies();
      this.#seed = this.#simulation.scenario().cluster.seed ?? null;
    } catch (error) {
      throw this.#translate(error);
    }
  }

  /** Makes a simulation in a fresh instance: in one with judges if it needs them. */
  static async make(
    source: EngineSource,
    made: RecordedCall,
    make: (simulations: Simulations) => Simulation,
  ): Promise<Instance> {
    if (!source.judges) {
      const { Simulation } = createGlue(await engineModule(source));
      try {
        return new Instance(Simulation, made, make);
      } catch (error) {
        if (!(error instanceof RaftError && error.code === 'needsJudges')) throw error;
      }
    }
    const { createGlue: createWorkshop } = await import('../generated/workshop-glue.js');
    const { Simulation } = createWorkshop(await workshopModule({ wasm: source.workshop }));
    return new Instance(Simulation, made, make);
  }

  /** The seed that makes this run; `null` only when the engine died before it could say. */
  get seed(): number | null {
    return this.#seed;
  }

  /** What is drawn every frame. */
  read(simulation: Simulation): Frame {
    if (this.#stale) this.#frame.decode(simulation.frame());
    this.#stale = false;
    return this.#frame;
  }

  change<T>(method: string, args: unknown[], call: (simulation: Simulation) => T): T {
    this.#calls.add([method, ...args]);
    try {
      return this.look(call);
    } finally {
      this.#stale = true;
    }
  }

  look<T>(call: (simulation: Simulation) => T): T {
    if (this.#dead) throw this.#dead;
    if (!this.#simulation) throw new RaftError('disposed', 'this cluster has been disposed of');
    try {
      return call(this.#simulation);
    } catch (error) {
      throw this.#translate(error);
    }
  }

  dispose(): void {
    const simulation = this.#simulation;
    this.#simulation = undefined;
    if (this.#dead || !simulation) return;
    try {
      simulation.free();
    } catch {
      // The instance is given up either way.
    }
  }

  /** Anything but the error shape of the Rust side means that the instance can no longer be trusted. */
  #translate(error: unknown): RaftError {
    if (error instanceof RaftError) return error;
    if (isErrorShape(error)) return new RaftError(error.code, error.message, error.details);
    const trap = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    const details: PanicDetails = {
      seed: this.#seed,
      ...this.#calls.report(),
      trap,
    };
    this.#dead = new RaftError(
      'panic',
      `the engine of this cluster has failed, which is a bug in raft-playground (${trap})`,
      details,
    );
    return this.#dead;
  }
}
