/** Every page of the operator. */
import type { PageModule } from "../define.tsx";

export const operatorPages: readonly PageModule[] = [];
