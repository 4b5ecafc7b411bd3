"""Little pages, each built another way, for the tests of plain words."""

from __future__ import annotations

from tests.aria import observe

SIGN_UP = observe(
    """
    - banner:
      - link "Home" [ref=home]
      - link "Sign in" [ref=signin]
    - main:
      - heading "Create your account" [level=1]
      - generic:
        - text: First name
        - textbox "First name" [ref=first]
      - generic:
        - text: Name
        - textbox "Name" [ref=name]
      - generic: E-mail
      - textbox "E-mail *" [ref=email]
      - textbox "Password" [ref=password]
      - combobox "City" [ref=city]:
        - option "Oslo"
        - option "Rome" [selected]
        - option "New York"
      - group "Size" [ref=size]:
        - radio "Small" [ref=small]
        - text: Small
        - radio "Large" [ref=large]
        - text: Large
      - generic:
        - checkbox "I accept the Terms" [ref=terms]
        - text: I accept the Terms
      - checkbox "Send me the newsletter" [ref=news]
      - link "Terms" [ref=terms-link]
      - spinbutton "Quantity" [ref=quantity]
      - slider "Volume" [ref=volume]: "3"
      - switch "Dark mode" [ref=dark]
      - button "Photo" [ref=photo]
      - button "Save" [ref=save]
      - button "Save and Continue" [ref=save-continue]
      - button "Cancel" [ref=cancel] [disabled]
    """
)

# No labels, no landmarks: text beside inputs, and blocks that only react to the pointer.
SOUP = observe(
    """
    - generic:
      - generic: Phone
      - generic:
        - textbox [ref=phone]
      - generic: Fax
      - generic:
        - textbox [ref=fax]
      - textbox [ref=search]:
        - /placeholder: Search products
      - generic [clickable] [ref=go]: Go
      - generic [clickable] [ref=more]:
        - img
        - text: Read more
      - checkbox [ref=agree]
      - text: I agree
      - generic [clickable] [ref=chip-red]: Red
      - generic [clickable] [ref=chip-blue]: Blue
      - generic: Chekout is closed
    """
)

TABLE = observe(
    """
    - heading "Staff" [level=2]
    - table:
      - row:
        - columnheader "Person"
        - columnheader "Phone"
        - columnheader "Action"
      - row [ref=row-bob]:
        - cell "Bob" [ref=bob]
        - cell "555-1" [ref=bob-phone]
        - cell:
          - button "Edit" [ref=edit-bob]
          - button "Delete" [ref=delete-bob]
      - row:
        - cell "Bob Junior" [ref=junior]
        - cell "555-2" [ref=junior-phone]
        - cell:
          - button "Edit" [ref=edit-junior]
          - button "Delete" [ref=delete-junior]
      - row:
        - cell "Amy" [ref=amy]
        - cell "555-3" [ref=amy-phone]
        - cell:
          - button "Edit" [ref=edit-amy]
    - table:
      - row:
        - rowheader "Subtotal"
        - cell "€ 9.00" [ref=subtotal]
      - row:
        - rowheader "Total"
        - cell "€ 10.00" [ref=total]
    """
)

CARDS = observe(
    """
    - list:
      - listitem [ref=card-latte]:
        - heading "Latte" [level=3]
        - paragraph: € 3.00
        - button "Add" [ref=add-latte]
      - listitem:
        - heading "Iced Latte" [level=3]
        - paragraph: € 4.00
        - button "Add" [ref=add-iced]
      - listitem:
        - heading "Mocha" [level=3]
        - paragraph: sold out
    - generic:
      - heading "Tea" [level=3]
      - generic: hot
      - button "Add" [ref=add-tea]
    - generic:
      - heading "Water" [level=3]
      - generic: cold
    - generic:
      - heading "Milk" [level=3]
      - button "Pour" [ref=pour]
    """
)

SECTIONS = observe(
    """
    - navigation:
      - link "Settings" [ref=nav]
    - region "Billing address":
      - textbox "Street" [ref=street-billing]
      - textbox "Town" [ref=town-billing]
    - region "Shipping address":
      - textbox "Street" [ref=street-shipping]
      - button "Same as billing" [ref=same]
    - heading "Alerts" [level=2]
    - switch "E-mail" [ref=alerts-mail]
    - switch "Phone" [ref=alerts-phone]
    - heading "Offers" [level=2]
    - switch "E-mail" [ref=offers-mail]
    - dialog "Delete account":
      - paragraph: This cannot be undone.
      - button "Delete" [ref=delete]
      - button "Cancel" [ref=cancel]
    """
)

COOKIES = observe(
    """
    - main:
      - button "Order" [ref=order]
    - dialog "Cookies" [ref=dialog]:
      - paragraph: We use cookies to improve the site.
      - link "Cookie policy" [ref=policy]
      - button "Accept all" [ref=accept]
      - button "Only necessary" [ref=necessary]
      - button "Settings" [ref=settings]
    """
)

CHINESE = observe(
    """
    - main:
      - heading "订单" [level=1]
      - generic:
        - text: 姓名
        - textbox "姓名" [ref=name]
      - textbox "电话" [ref=phone]
      - combobox "城市" [ref=city]:
        - option "北京"
        - option "上海"
      - radio "大杯" [ref=large]
      - radio "小杯" [ref=small]
      - checkbox "我已阅读并同意条款" [ref=terms]
      - searchbox "搜索商品" [ref=search]
      - button "提交" [ref=submit]
      - button "保存草稿" [ref=draft]
      - link "帮助" [ref=help]
      - table:
        - row:
          - cell "张三"
          - cell:
            - button "删除" [ref=delete-zhang]
        - row:
          - cell "李四"
          - cell:
            - button "删除" [ref=delete-li]
    """
)

MENUS = observe(
    """
    - menubar:
      - menuitem "File" [ref=file]
      - menuitem "Edit" [ref=edit]
    - tablist:
      - tab "Overview" [selected] [ref=overview]
      - tab "Details" [ref=details]
    - tabpanel "Overview":
      - button "Open" [ref=open]
      - button "Open recent…" [ref=recent]
      - button "Enter" [ref=enter]
      - button "×" [ref=x]
      - tree:
        - treeitem "Documents" [ref=documents]
        - treeitem "Downloads" [ref=downloads]
    """,
)

CHOICES = observe(
    """
    - combobox "Size" [ref=size]:
      - option "Small"
      - option "Large"
    - combobox "Milk" [ref=milk]:
      - option "Oat"
      - option "Whole"
    - radio "Large" [ref=large]
    - listbox "Colours" [ref=colours]:
      - option "Red" [ref=red]
      - option "Green" [ref=green]
      - option "Blue" [ref=blue]
    - group "Cup":
      - button "Tall" [ref=tall]
      - button "Grande" [ref=grande]
    - button "Small print" [ref=print]
    """
)

ENCOUNTERS = observe(
    """
    - button "New Encounter" [ref=new]
    - button "Save draft" [ref=draft]
    - button "Save as template" [ref=template]
    - link "Order history" [ref=history]
    - button "Item 12" [ref=item12]
    - button "Sign up" [ref=up]
    - button "Remove from basket" [ref=remove]
    """
)

NESTED = observe(
    """
    - link [ref=outer]:
      - button "Orders" [ref=orders]
    - generic [clickable] [ref=wrap]:
      - link "Profile" [ref=profile]
    - listitem [ref=note]:
      - generic:
        - text: Notes
      - button "Notes" [ref=notes]
    - link "Help" [ref=help-1]
    - link "Help" [ref=help-2]
    - link "Help" [ref=help-3]
    - iframe [ref=frame]:
      - textbox "Card number" [ref=card] [frame=https://pay.example]
      - button "Pay" [ref=pay] [frame=https://pay.example]
    """
)

SEARCH = observe(
    """
    - search:
      - searchbox [ref=box]
      - button "Search" [ref=button]
    - definition [ref=stray]: nothing
    - term: Price
    - definition [ref=price]: € 12
    - button "Log in" [ref=login]
    - button "Proceed to checkout" [ref=checkout]
    - button "Dismiss notice" [ref=dismiss]
    """
)
