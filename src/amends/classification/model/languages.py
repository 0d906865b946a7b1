"""Whether a text is written in neither Chinese nor English.

Its letters say so (Cyrillic, Arabic, kana), or its commonest small words do: such a text would
otherwise get a class from the few words it shares with English.
"""

from __future__ import annotations

OTHERS = """
que los las una por para con del esta este muy pero como quiero tengo hace meses nada nadie porque
cuando desde sin soy nos les eso dos veces mes mismo dias tres lleva hasta darme mucho siempre
gracias nao uma com meu minha voce sao mais quando isso foi tem muito ate vezes conta sempre je le
la des une est pas qui pour dans avec sur vous mon ma nous plus depuis cest jai et du toujours
tourner rond bonjour encore rien ich nicht und der das ein eine mein meine ist seit auf mit von
wird nur bei fur kein keine sich aber wir sie es zu ihr den dem einfach immer noch schon wieder
mehr gar geht viel kaputt alles doppelt falsch il che non sono della gli anche mai piu questo dal
era ogni due ore sera voglio chiedono mia ho een het niet van ik dat voor zijn maar nog geen bir
ve bu icin cok degil ama yok yang saya tidak dan ini itu dengan untuk sudah bisa nie sie jest na
och det att inte jag som ar ang ng mga hindi po ako khong toi cua va bi wo bu mei shi ni zai yue
kou qian zong luo wang le de
""".split()
"""Small words of other languages, folded; those that English has too are left out."""

ENGLISH = """
the and is my to for not have with you they it of that this was are but we your has been from at
be can will when what there their just get dont cant im ive no in on me after all so if an our or
by now
""".split()
