"""English words of people who complain about money, consent and notices."""

from __future__ import annotations

from amends_demo.rules.words.grammar import MessageGrammar

GRAMMAR: dict[str, MessageGrammar] = {
    "vas": MessageGrammar(
        what=(
            "I just saw a thing called {svc} on my statement for {fee} and I never signed "
            "up for it",
            "Somebody put {svc} on my number, {fee} every month, nobody asked me",
            "what is {svc}?? I never wanted it and you took {fee}",
            "My balance keeps shrinking because of {svc} ({fee}). I did not order this",
            "You added {svc} without my say so and charge {fee}",
            "My mother's phone got {svc} on it. She can't even read English menus, she did "
            "not order it. {fee} gone",
            "I keep losing {fee} to something called {svc}, which I never asked for",
            "{svc} appeared on my account out of nowhere, {fee} a month",
        ),
        more=(
            "No code, no text, nothing was ever sent to me to say yes to",
            "I hang up on every sales call",
            "nobody else touches my phone",
            "I only noticed by chance",
            "I don't even know what it does",
            "I live alone, nobody else could have done it",
        ),
        ask=(
            "Give me my money back and take it off",
            "Please remove it and refund what was taken",
            "I want every cent back",
            "refund please",
            "cancel it and give back the {fee}",
        ),
    ),
    "vas_refused": MessageGrammar(
        what=(
            "I got a text asking about {svc}, I answered NO, and you switched it on anyway "
            "for {fee}",
            "I pressed decline for {svc} and still got billed {fee}",
            "Said no to {svc}. Next day {fee} was gone regardless",
        ),
        more=("I still have the text", "why ask at all then", "screenshots available"),
        ask=("refund it", "Take {svc} off and pay me back", "Please give the money back"),
    ),
    "roaming": MessageGrammar(
        what=(
            "Came home from {land} to {total} for data. Not one text told me I was getting "
            "near my limit",
            "{total} for using maps in {land}! I had set a ceiling and nobody warned me "
            "when I got there",
            "My trip to {land} cost {total} in internet alone, there was no alert at the cap",
            "I was in {land} for work and my data ran up {total} with no message from you "
            "on the way",
            "Back from {land} with a {total} data bill. The limit I set did nothing and no one "
            "said a word",
        ),
        more=(
            "I got one welcome message and then silence",
            "my friend's carrier texted her at every step",
            "I would have switched it off had I known",
            "I checked my inbox, nothing there",
            "had I got a text I'd have used hotel wifi",
        ),
        ask=(
            "I won't pay what is over my limit",
            "Please take off everything past the cap",
            "refund the part above my ceiling",
            "Charge me up to my limit, not more",
        ),
    ),
    "advert": MessageGrammar(
        what=(
            "Your post said {mbps} fibre for {claim} a month, I signed up and got billed {fee}",
            "The ad on social media promised {claim} for a year. First bill: {fee}",
            "I took {svc} because you advertised {claim}, now I pay {fee}. That's not what "
            "was promised",
            "{claim} in the advert, {fee} on the bill. Bait",
            "You lured me in with {claim}, the real charge is {fee}",
        ),
        more=(
            "I have a picture of the ad",
            "nothing there about conditions",
            "The shop told me that price never existed",
            "I would have stayed with my old provider",
            "my cousin fell for the same ad",
        ),
        ask=(
            "Honour the price and give back the difference",
            "charge me {claim} like you said",
            "Pay back what you overcharged",
            "Stick to {claim}",
        ),
    ),
    "double": MessageGrammar(
        what=(
            "You took {fee} for my plan twice in the same month",
            "Two identical charges of {fee} on my bill, I only have one number",
            "{plan} was billed double, {fee} and again {fee}",
            "I see {fee} two times for one month, one too many",
        ),
        more=(
            "other months are fine",
            "looks like a glitch",
            "it left me with no credit",
            "check it yourself",
        ),
        ask=(
            "Return the second one",
            "please give one of them back",
            "correct my bill",
            "send one back",
        ),
    ),
    "exit_fee": MessageGrammar(
        what=(
            "I stopped my broadband and you charged {fee} for leaving early, but I had it for ages",
            "{fee} penalty for ending {svc}?",
            "Closing my line cost me {fee}, nobody told me about such a fee",
            "{fee} for quitting after all these years?",
        ),
        more=(
            "the year was over long ago as I see it",
            "I moved house",
            "the shop said I could stop any time",
            "no one mentioned it",
        ),
        ask=(
            "I want the {fee} back",
            "Please take that fee off",
            "check my contract dates",
            "drop the fee",
        ),
    ),
    "stop_ignored": MessageGrammar(
        what=(
            "I cancelled {svc} and you still take {fee} each month",
            "{svc} was switched off by me, the text said done, yet {fee} again",
            "Still paying {fee} for {svc} after I ended it",
            "I ended {svc} weeks ago, why is {fee} still going out",
        ),
        more=(
            "I kept the confirmation text",
            "I called about it already",
            "the app shows nothing",
            "it says inactive in the app",
        ),
        ask=(
            "give back everything since I stopped it",
            "stop charging me and refund",
            "refund after the stop date",
            "return what you took after I stopped",
        ),
    ),
    "price_rise": MessageGrammar(
        what=(
            "{plan} used to be 59 and now it's 69, why",
            "Ten more a month for {plan}, for the very same thing",
            "my monthly price went up again, {plan} has become too expensive",
        ),
        more=("new customers get discounts", "nothing got better", "I'm a pensioner"),
        ask=("put it back to 59", "I'd like the old price", "explain the increase"),
    ),
    "overage": MessageGrammar(
        what=(
            "I went over my data and you billed {fee} extra without telling me it had run out",
            "{fee} out of plan data, no message that my allowance was used up",
            "Nobody let me know my gigabytes were gone, now there is {fee} on top",
            "Extra data {fee}?! There was no sign that my plan was empty",
        ),
        more=(
            "I am on wifi most of the time",
            "you used to text about it",
            "I'd have stopped watching",
            "usually a text comes",
        ),
        ask=(
            "take the extra off",
            "Please refund the extra data",
            "no warning, no charge",
            "cancel the extra",
        ),
    ),
    "plan_switched": MessageGrammar(
        what=(
            "I was on {old} and suddenly I'm on {plan} for {fee}. I never agreed to switch",
            "Who moved me to {plan}? I didn't ask for it and it's {fee} a month",
            "my plan changed by itself from 29 to 99",
            "Without asking you put me on {plan}, I had {old}",
        ),
        more=(
            "I hardly call anyone",
            "no one phoned me about it",
            "last month was normal",
            "I barely use it",
        ),
        ask=(
            "Put me back on {old} and refund the difference",
            "change it back",
            "return what you took too much",
            "Undo it and pay back",
        ),
    ),
    "pack_withdrawn": MessageGrammar(
        what=(
            "I bought {old} and {when} you took it away and put me on {plan} for {fee}",
            "{old} was cancelled by you and turned into {plan}, nobody asked me",
            "You sold me {old}, then withdrew it and moved me to {plan} at {fee} a month",
            "my {old} became {plan} without a word. I did not agree to that",
        ),
        more=(
            "I only bought it because {old} was cheap",
            "not even a text before it happened",
            "that you lose money on it is not my problem",
            "I go abroad twice a year",
        ),
        ask=(
            "give me {old} back and refund the difference",
            "change it back",
            "refund what you overcharged",
            "put it back or cancel it and pay me back",
        ),
    ),
    "deposit": MessageGrammar(
        what=(
            "I gave the modem back two months ago and still haven't got my deposit",
            "The credit left on my closed account was to be paid out in a week, nothing came",
            "You owe me the prepaid bonus that should come back monthly",
        ),
        more=("I have the receipt", "always 'in process'", "asked many times"),
        ask=("please pay me", "when will I get it", "send my deposit back"),
    ),
}
