"""What the healer makes of a page that is not what it was, without a browser: fingerprints of one page, used on another."""

from __future__ import annotations

from operator_agent.executor import Executor
from operator_agent.flow.action import Action, Click, Fill, Read, Select
from operator_agent.flow.check import ElementCheck, HoldsCheck, TextCheck
from operator_agent.flow.observation import Observation, Trouble
from operator_agent.flow.plan import Step
from operator_agent.flow.target import Target
from operator_agent.healing.healer import Healer
from operator_agent.healing.prints import Print, Prints
from operator_agent.roles import Grounded, Settled
from tests.aria import observe

PROVED = (TextCheck(text="Saved"),)
FORM = """
- heading "Settings"
- main:
  - form "Profile":
    - heading "Profile"
    - textbox "Name"
    - combobox "Language":
      - option "German"
      - option "French"
    - button "Cancel"
    - button "Save"
  - form "Newsletter":
    - textbox "Mail"
    - button "Subscribe"
"""
LIST = """
- heading "Drinks"
- list "Menu":
  - listitem:
    - strong: Latte
    - text: € 3.40
    - button "Add"
  - listitem:
    - strong: Mocha
    - text: € 3.90
    - button "Add"
  - listitem:
    - strong: Tea
    - text: € 3.90
    - button "Add"
"""
SAVE = 'button "Save"'


def click(target: str, *, proved: bool = True) -> Step:
    return Step(action=Click(target=Target.parse(target)), expect=PROVED if proved else ())


def prints(*acts: Action, page: str | Observation) -> Prints:
    """What the executor would have told of these acts on the page."""
    seen = observe(page) if isinstance(page, str) else page
    found = []
    for act in acts:
        grounded = Executor().ground(act, seen)
        assert isinstance(grounded, Grounded), grounded
        target = getattr(act, "target")  # noqa: B009 - not every action has one
        found.append(Print(verb=act.verb, target=target, known=grounded.prints["target"]))
    return Prints(acts=tuple(found))


def settle(step: Step, then: str | Observation, now: str) -> Settled:
    seen = observe(now)
    return Healer(prints(step.action, page=then)).settle(step, Executor().ground(step.action, seen), seen)


def new_target(settled: Settled) -> str:
    assert settled.healed, settled.found
    assert isinstance(settled.found, Grounded)
    assert getattr(settled.step.action, "target") == settled.healed.new  # noqa: B009
    return str(settled.healed.new)


def trouble(settled: Settled) -> Trouble:
    assert settled.healed is None
    assert isinstance(settled.found, Trouble), settled.found
    return settled.found


def test_an_unchanged_page_is_left_alone() -> None:
    for target in (SAVE, 'button "Subscribe"', 'textbox "Mail"'):
        step = click(target)
        assert settle(step, FORM, FORM).step is step
    step = click('button "Add" in listitem "Mocha"')
    assert isinstance(settle(step, LIST, LIST).found, Grounded)


def test_what_nothing_is_known_of_is_left_alone() -> None:
    seen = observe(FORM)
    step, gone = click('button "Nope"'), Trouble(kind="absent", detail="gone")
    assert Healer(Prints()).settle(step, gone, seen) == Settled(step, gone)


def test_a_synonym_in_its_place_is_taken_and_named() -> None:
    settled = settle(click(SAVE), FORM, FORM.replace('"Save"', '"Save changes"'))
    assert new_target(settled) == 'button "Save changes"'
    assert settled.healed and settled.healed.renamed and not settled.healed.unsure
    assert "'Save changes' says the same as 'Save'" in settled.healed.why
    assert "in form 'Profile'" in settled.healed.why
    assert settled.step.title == 'click button "Save"'  # a person sees what was meant


def test_without_anything_expected_nothing_is_clicked() -> None:
    found = trouble(settle(click(SAVE, proved=False), FORM, FORM.replace('"Save"', '"Save changes"')))
    assert found.kind == "absent"
    assert "expects nothing" in found.detail
    held = Step(action=Click(target=Target.parse(SAVE)), expect=(HoldsCheck(check=PROVED[0]),))
    assert trouble(settle(held, FORM, FORM.replace('"Save"', '"Save changes"'))).kind == "absent"


def test_a_name_that_only_looks_alike_is_a_persons_to_judge() -> None:
    for name in ("Save as template", "Frobnicate"):
        settled = settle(click(SAVE), FORM, FORM.replace('"Save"', f'"{name}"'))
        assert settled.healed and settled.healed.unsure
    for name in ("Discard", "Subscribe"):  # known to be something else
        assert trouble(settle(click(SAVE), FORM, FORM.replace('"Save"', f'"{name}"'))).kind == "absent"


def test_two_that_could_be_meant_are_ambiguous() -> None:
    both = FORM.replace('    - button "Save"', '    - button "Save now"\n    - button "Store"')
    found = trouble(settle(click(SAVE), FORM, both))
    assert found.kind == "ambiguous"
    assert found.candidates == ('button "Save now"', 'button "Store"')
    stranger = FORM.replace('    - button "Save"', '    - button "Frobnicate"\n    - button "Store"')
    assert trouble(settle(click(SAVE), FORM, stranger)).kind == "ambiguous"


def test_what_was_there_already_has_not_become_it() -> None:
    then = FORM.replace('- button "Subscribe"', '- button "Store"')
    assert trouble(settle(click(SAVE), then, then.replace('    - button "Save"\n', ""))).kind == "absent"


def test_a_decoy_of_the_same_name_elsewhere_is_not_it() -> None:
    decoy = FORM.replace('    - button "Save"\n', "") + '- contentinfo:\n  - heading "Letter"\n  - button "Save"\n'
    found = trouble(settle(click(SAVE), FORM, decoy))
    assert found.kind == "ambiguous"
    assert "form 'Profile'" in found.detail


def test_something_new_in_its_very_place_makes_the_name_doubtful() -> None:
    pushed = FORM.replace('    - button "Save"', '    - button "Frobnicate"\n    - button "Save"')
    assert trouble(settle(click(SAVE), FORM, pushed)).kind == "ambiguous"
    behind = FORM.replace('    - button "Save"', '    - button "Save"\n    - button "Frobnicate"')
    assert isinstance(settle(click(SAVE), FORM, behind).found, Grounded)
    risky = click(SAVE).model_copy(update={"risk": "publish"})
    assert trouble(settle(risky, FORM, behind)).kind == "ambiguous"


def test_one_that_moved_within_its_form_is_it() -> None:
    moved = FORM.replace('    - button "Save"\n', "").replace('    - textbox "Name"', '    - button "Save"\n    - textbox "Name"')
    assert isinstance(settle(click(SAVE), FORM, moved).found, Grounded)
    assert settle(click(SAVE), FORM, moved).healed is None


def test_a_row_is_known_by_what_it_shows() -> None:
    renamed = LIST.replace('"Add"', '"Put in basket"').replace("listitem:", "article:")
    then = LIST.replace('"Add"', '"Add to cart"')
    step = click('button "Add to cart" in listitem "Mocha"')
    settled = settle(step, then, renamed)
    assert new_target(settled) == 'button "Put in basket" in article "Mocha"'
    without = "\n".join(line for line in renamed.splitlines() if "Mocha" not in line)
    assert trouble(settle(step, then, without)).kind == "absent"


def test_the_second_of_a_list_that_was_reordered_is_another_one() -> None:
    step = click('button "Add" (2)')
    turned = LIST.replace("Latte", "X").replace("Mocha", "Latte").replace("X", "Mocha")
    settled = settle(step, LIST, turned)
    assert new_target(settled) == 'button "Add" in listitem "Mocha"'
    assert settled.healed and not settled.healed.renamed
    gone = LIST.replace("Mocha", "Water")
    assert trouble(settle(step, LIST, gone)).kind == "ambiguous"


def test_a_row_that_only_holds_the_name_is_another_row() -> None:
    step = click('button "Add" in listitem "Latte"')
    iced = LIST.replace("strong: Latte", "strong: Iced latte")
    grounded = Executor().ground(step.action, observe(iced))
    assert isinstance(grounded, Grounded)  # by the locator alone it would do
    assert trouble(settle(step, LIST, iced)).kind == "ambiguous"


def test_a_price_may_change() -> None:
    page = LIST.replace("- strong: Latte\n    - text: € 3.40", "- text: Latte € 3.40")
    step = click('button "Add" (1)')
    assert isinstance(settle(step, page, page.replace("3.40", "3.60")).found, Grounded)
    assert settle(step, page, page.replace("3.40", "3.60")).healed is None
    assert isinstance(settle(step, page, LIST.replace("3.40", "3.60")).found, Grounded)  # told apart by markup now


def test_what_is_called_alike_in_other_rows_explains_no_newcomer() -> None:
    step = click('button "Delete" in listitem "Mocha"')
    then = LIST.replace('"Add"', '"Delete"')
    mocha = '- strong: Mocha\n    - text: € 3.90\n    - button "Delete"'
    assert mocha in then
    now = then.replace(mocha, mocha.replace('- button "Delete"', '- button "Remove"\n    - button "Delete"'))
    assert trouble(settle(step, then, now)).kind == "ambiguous"


def test_plain_words_do_not_slide_to_another_button() -> None:
    step = click("the Save button")
    draft = FORM.replace('"Save"', '"Save draft"')
    grounded = Executor().ground(step.action, observe(draft))
    assert isinstance(grounded, Grounded)  # by the words alone it would do
    settled = settle(step, FORM, draft)
    assert settled.healed and settled.healed.unsure


def test_risky_acts_keep_their_class_under_a_harmless_name() -> None:
    then = FORM.replace('"Save"', '"Delete"')
    settled = settle(click('button "Delete"'), then, then.replace('"Delete"', '"🗑"'))
    assert settled.step.risk == "delete"
    assert settled.healed and settled.healed.renamed


def test_a_field_is_known_by_its_label_its_placeholder_or_its_choices() -> None:
    name = Step(action=Fill(target=Target.parse('textbox "Name"'), text="Ada"))
    assert new_target(settle(name, FORM, FORM.replace('"Name"', '"Full name"'))) == 'textbox "Full name"'
    assert trouble(settle(name, FORM, FORM.replace('"Name"', '"Phone"'))).kind == "absent"
    placed = FORM.replace('    - textbox "Name"', '    - textbox "Name":\n      - /placeholder: Ada Lovelace')
    assert new_target(settle(name, placed, placed.replace('"Name"', '"Who are you?"'))) == 'textbox "Who are you?"'
    language = Step(action=Select(target=Target.parse('combobox "Language"'), options=("French",)))
    assert new_target(settle(language, FORM, FORM.replace('"Language"', '"Tongue"'))) == 'combobox "Tongue"'


def test_a_link_is_known_by_where_it_leads() -> None:
    page = """
    - heading "Reports"
    - list "Open":
      - listitem:
        - link "Annual report":
          - /url: /reports/annual
      - listitem:
        - link "Budget":
          - /url: /reports/budget
    """
    step = click('link "Annual report"')
    assert new_target(settle(step, page, page.replace('"Annual report"', '"How we did"'))) == 'link "How we did"'
    elsewhere = page.replace('"Annual report"', '"How we did"').replace("/reports/annual", "/reports/other")
    settled = settle(step, page, elsewhere)
    assert settled.healed is None or settled.healed.unsure


def test_a_notice_that_does_not_come_need_not_be_closed() -> None:
    page = '- dialog "Cookies":\n  - text: We set some\n  - button "Reject"\n- main:\n  - button "Book"\n'
    away = (ElementCheck(target=Target.parse('dialog "Cookies"'), count=0),)
    gone = Step(action=Click(target=Target.parse('button "Reject"')), expect=away)
    settled = settle(gone, page, '- main:\n  - button "Book"\n')
    assert settled.step.optional
    assert trouble(settled).kind == "absent"
    assert "not needed" in trouble(settled).detail
    still = settle(gone, page, '- dialog "Cookies":\n  - text: We set some\n- main:\n  - button "Book"\n')
    assert not still.step.optional


def test_reads_and_optional_steps_are_not_healed() -> None:
    read = Step(action=Read(target=Target.parse('textbox "Name"'), into="x"))
    assert trouble(settle(read, FORM, FORM.replace('"Name"', '"Full name"'))).kind == "absent"
    optional = click(SAVE).model_copy(update={"optional": True})
    assert trouble(settle(optional, FORM, FORM.replace('"Save"', '"Store"'))).kind == "absent"


def test_what_is_pointed_at_by_something_else_than_a_name_is_left_alone() -> None:
    then = '- heading "Page"\n- textbox "Title" [active]\n- button "Save"\n'
    step = Step(action=Fill(target=Target.parse("textbox [active]"), text="Bread"))
    for now in (then, then.replace('"Title"', '"Body"'), then.replace(' "Title"', "").replace('"Page"', '"Another"')):
        settled = settle(step, then, now)
        assert isinstance(settled.found, Grounded) and settled.healed is None
    nameless = '- heading "Page"\n- text: Title\n- textbox\n- button "Save"\n'
    by_words = Step(action=Fill(target=Target(words="the Title field"), text="Bread"))
    assert isinstance(settle(by_words, nameless, nameless).found, Grounded)


def test_the_same_act_twice_is_known_by_the_page_it_was_done_on() -> None:
    first = '- heading "One"\n- button "Back"\n- button "Next"\n'
    second = '- heading "Two"\n- button "Next"\n- button "Leave"\n'
    step, again = click('button "Next"'), click('button "Next"')
    both = Prints(acts=(*prints(step.action, page=first).acts, *prints(again.action, page=second).acts))
    healer = Healer(both)
    assert isinstance(healer.settle(step, Executor().ground(step.action, observe(first)), observe(first)).found, Grounded)
    moved = observe(second.replace('"Next"', '"Next step"'))
    settled = healer.settle(again, Executor().ground(again.action, moved), moved)
    assert new_target(settled) == 'button "Next step"'
