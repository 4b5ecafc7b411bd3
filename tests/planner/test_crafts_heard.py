"""What crafts hear: their own requests in other words, nothing in others, whatever is said, and at once."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operator_agent.flow.command import Command
from operator_agent.flow.plan import Plan, Refusal
from operator_agent.planner.crafts.basics import basics
from operator_agent.planner.words import WordsPlanner

CRAFTS = {craft.name: craft for craft in basics()}
WORDS = """click press select choose tick all nothing except only and then , . " ' the a in of tab tabs tree slider to 5 -3 [1,2]
date 3 March 2027 12/04/2010 if there is no otherwise copy paste terminal delete file .rb enter both fields password "x" starts with
highlight text bold everything > below 2nd 把 滑块 设为 如果 没有 否则 全部 勾选""".split()


@pytest.mark.parametrize(
    ("words", "craft"),
    [
        ("Browse the folders and open the file Notes", "explore"),
        ("Go to File > Export > PDF, then press Save", "explore"),
        ("unfold all the sections to find the button Pay and press it", "explore"),
        ("mark every option other than Garlic", "sets"),
        ("deselect everything but Bob", "sets"),
        ("choose exactly Red and Blue", "sets"),
        ("pick all items ending in berry", "sets"),
        ("move the volume slider to 40", "sliders"),
        ("Use the dial to choose 7", "sliders"),
        ("Set the departure date to 5 May 2028", "dates"),
        ("pick January 9, 2031 from the calendar", "dates"),
        ("enter the email \"a@b.c\" and the code \"12\"", "fields"),
        ("make the comment box wider", "fields"),
        ("type 5 as the answer", "fields"),
        ("copy the contents of Draft to Subject", "marking"),
        ("underline the word hello", "marking"),
        ("In the editor, make the text hello bold", "marking"),
        ("use the console to list all files", "terminal"),
        ("print the contents of the file a.txt in the shell", "terminal"),
        ("choose a country which begins with \"Ice\"", "suggestions"),
        ("when you see a Skip button, press it, else press Next", "branches"),
        ("press Accept if it is there", "branches"),
        ("如果没有取消按钮,点击确定,否则点击取消", "branches"),
        ("把滑块设为5", "sliders"),
        ("勾选全部", "sets"),
    ],
)
def test_a_craft_hears_its_requests(words: str, craft: str) -> None:
    assert CRAFTS[craft].hears(words)


@pytest.mark.parametrize(
    "words",
    [
        "press Save", "type Ada into Name", "tick Terms and press Send", "choose Large", "open shop.example",
        "set Quantity to 5", "search for shoes", "check that the page shows Done", "delete Bob", "select Oslo in City",
        "press Copy", "find", "select", "if", "press Find and Replace",
    ],
)  # fmt: skip
def test_what_one_act_does_is_left_to_the_grammar(words: str) -> None:
    assert [name for name, craft in CRAFTS.items() if craft.hears(words)] == []


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join) | st.text(max_size=200))
def test_whatever_is_said_is_heard_out_at_once(words: str) -> None:
    began = time.process_time()
    for craft in CRAFTS.values():
        craft.hears(words)
    assert time.process_time() - began < 0.1


@pytest.mark.parametrize("words", ["find " * 400, "tick all except " + "a, " * 600, '"' * 300, "if there is no " * 200, "> " * 900])
async def test_long_words_end_soon_too(words: str) -> None:
    began = time.process_time()
    found = await WordsPlanner().plan(Command(text=words), {})
    assert isinstance(found, Plan | Refusal)
    assert time.process_time() - began < 0.5
