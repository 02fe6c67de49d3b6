/** Adding a budget: first whose it is, then which of them, and how many credits. */
import type { AccountFeature } from "../../../../shared/client/client.ts";
import type { BudgetSubject } from "../../../../shared/credits/directory.ts";
import type { Done } from "../../define.tsx";
import { FormRefused, type FormState, type FormValues, stateOf } from "../../form.ts";
import type { AccountPage, Html } from "../../page.tsx";
import { Tabs, withQuery } from "../../parts/blocks.tsx";
import { ChoiceField, type Option, SelectField, TextField } from "../../parts/fields.tsx";
import { Form } from "../../parts/form.tsx";
import { BudgetFields, HARD } from "./budget-fields.tsx";
import { SUBJECT_WORDS } from "./budget-words.ts";

export const ADD = "add";
const ANYWAY = "anyway";
/** A list of suggestions stays a help only while it is short. */
const SUGGESTIONS_MAX = 200;

/** The safest choice first: a feature is chosen from a list. */
const SUBJECTS: readonly BudgetSubject[] = ["feature", "team", "user", "workflow"];

interface AddProps {
  readonly subject: BudgetSubject;
  readonly features: readonly AccountFeature[];
  readonly page: AccountPage;
  readonly state: FormState;
}

export function AddBudget({ subject, features, page, state }: AddProps): Html {
  const { label, hint } = SUBJECT_WORDS[subject];
  const shared = { form: ADD, state, name: "key", label, hint, required: true };
  const isUnknown = stateOf(state, ADD).errors.key !== undefined && subject !== "feature";
  return (
    <>
      <Tabs
        label="Whose budget"
        tabs={SUBJECTS.map((one) => ({
          href: `${withQuery(page.url, { of: one })}#add-a-budget`,
          label: SUBJECT_WORDS[one].label,
          current: one === subject,
        }))}
      />
      <Form name={ADD} state={state} submit="Add">
        {subject === "feature" ? (
          <SelectField
            {...shared}
            options={[
              { value: "", label: "Choose a feature" },
              ...features.map(({ feature, name }) => ({ value: feature, label: name })),
            ]}
          />
        ) : (
          <TextField {...shared} suggestions={suggestionsOf(page, subject)} />
        )}
        {isUnknown ? (
          <ChoiceField
            form={ADD}
            state={state}
            type="checkbox"
            name={ANYWAY}
            label="Not known yet"
            options={[{ value: "yes", label: "Add the budget all the same; it counts once use names it" }]}
          />
        ) : null}
        <TextField
          form={ADD}
          state={state}
          name="budget"
          label="Name of the budget"
          hint="Letters, digits, '-', '_' and '.'; notices and denials name it so."
          required
        />
        <BudgetFields form={ADD} state={state} budget={null} />
      </Form>
    </>
  );
}

function knownKeys({ view: { directory } }: AccountPage, subject: BudgetSubject): readonly string[] {
  const { users } = directory;
  if (subject === "user") return Object.keys(users);
  if (subject === "team") return [...new Set(Object.values(users).flatMap(({ teams }) => teams))].sort();
  return [];
}

function suggestionsOf(page: AccountPage, subject: BudgetSubject): readonly Option[] {
  return knownKeys(page, subject)
    .slice(0, SUGGESTIONS_MAX)
    .map((key) => ({ value: key, label: key }));
}

/** Never takes another budget's place; a name that nothing is known by is most likely a slip. */
export async function addBudget(page: AccountPage, form: FormValues, subject: BudgetSubject): Promise<Done> {
  const { client, account, root, view } = page;
  const budget = form.text("budget");
  const key = form.text("key");
  const isTaken = view.directory.budgets.some((known) => known.budget === budget);
  const errors = {
    ...(await keyError(page, form, subject, key)),
    ...(budget === "" ? { budget: "must not be empty" } : {}),
    ...(isTaken ? { budget: "There is a budget of this name; change that one, or take another name." } : {}),
  };
  if (Object.keys(errors).length > 0) throw new FormRefused(errors);
  await client.putBudget(account, budget, {
    subject,
    key,
    credits: form.number("credits"),
    hard: form.text(HARD) === "yes",
  });
  return { to: `${root}/budgets`, said: `The budget ${budget} was added.` };
}

async function keyError(
  page: AccountPage,
  form: FormValues,
  subject: BudgetSubject,
  key: string,
): Promise<Readonly<Record<string, string>>> {
  if (key === "") return { key: "must not be empty" };
  if (subject === "workflow") return {};
  if (subject === "feature") {
    const { data } = await page.client.features(page.account);
    return data.some(({ feature }) => feature === key) ? {} : { key: "Choose one of the features." };
  }
  if (form.checked(ANYWAY) || knownKeys(page, subject).includes(key)) return {};
  return { key: `Nobody is known ${subject === "user" ? "by this id" : "to be in this team"}.` };
}
