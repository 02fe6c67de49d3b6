/** Every page of an account. */
import type { PageModule } from "../define.tsx";
import { bannerDismissal } from "./banners.tsx";
import { pricesPage } from "./prices.tsx";

export const accountPages: readonly PageModule[] = [bannerDismissal, pricesPage];
