"""The demo coffee shop: a real web application to order from, which can be told to lie.

    menu, words     what is sold, in two languages
    order           one order and the form it comes from
    store           the SQLite file, which is the truth
    session         who is visiting and what is in their basket
    faults          the ways in which the shop can lie
    shop            the application
    payment         the payment site, on an origin of its own
    foreign         a server that counts what reaches it
    serve           all of them together, on loopback ports

Nothing else in the package imports any of it before the demo is asked for.
"""
