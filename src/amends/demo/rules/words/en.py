"""English words of people who complain, in everyday language."""

from __future__ import annotations

from amends.demo.rules.words.grammar import Grammar

GRAMMAR: dict[str, Grammar] = {
    "vas": Grammar(
        what=(
            "I just saw a thing called {svc} on my statement for {fee} and I never signed "
            "up for it",
            "Somebody put {svc} on my number, {fee} every month, nobody asked me",
            "what is {svc}?? I never wanted it and you took {fee}",
            "My balance keeps shrinking because of {svc} ({fee}). I did not order this",
            "You added {svc} without my say so and charge {fee}",
            "My mother's phone got {svc} on it. She can't even read English menus, she did "
            "not order it. {fee} gone",
        ),
        more=(
            "No code, no text, nothing was ever sent to me to say yes to",
            "I hang up on every sales call",
            "nobody else touches my phone",
            "I only noticed by chance",
            "I don't even know what it does",
        ),
        ask=(
            "Give me my money back and take it off",
            "Please remove it and refund what was taken",
            "I want every cent back",
            "refund please",
        ),
    ),
    "vas_refused": Grammar(
        what=(
            "I got a text asking about {svc}, I answered NO, and you switched it on anyway "
            "for {fee}",
            "I pressed decline for {svc} and still got billed {fee}",
            "Said no to {svc}. Next day {fee} was gone regardless",
        ),
        more=("I still have the text", "why ask at all then", "screenshots available"),
        ask=("refund it", "Take {svc} off and pay me back", "Please give the money back"),
    ),
    "roaming": Grammar(
        what=(
            "Came home from {land} to {total} for data. Not one text told me I was getting "
            "near my limit",
            "{total} for using maps in {land}! I had set a ceiling and nobody warned me "
            "when I got there",
            "My trip to {land} cost {total} in internet alone, there was no alert at the cap",
            "I was in {land} for work and my data ran up {total} with no message from you "
            "on the way",
        ),
        more=(
            "I got one welcome message and then silence",
            "my friend's carrier texted her at every step",
            "I would have switched it off had I known",
            "I checked my inbox, nothing there",
        ),
        ask=(
            "I won't pay what is over my limit",
            "Please take off everything past the cap",
            "refund the part above my ceiling",
        ),
    ),
    "advert": Grammar(
        what=(
            "Your post said {mbps} fibre for {claim} a month, I signed up and got billed {fee}",
            "The ad on social media promised {claim} for a year. First bill: {fee}",
            "I took {svc} because you advertised {claim}, now I pay {fee}. That's not what "
            "was promised",
            "{claim} in the advert, {fee} on the bill. Bait",
        ),
        more=(
            "I have a picture of the ad",
            "nothing there about conditions",
            "The shop told me that price never existed",
            "I would have stayed with my old provider",
        ),
        ask=(
            "Honour the price and give back the difference",
            "charge me {claim} like you said",
            "Pay back what you overcharged",
        ),
    ),
    "slow": Grammar(
        what=(
            "I pay for {mbps} and get a fraction of it, evenings are hopeless",
            "internet is crawling, {mbps} my foot",
            "Ran several speed tests on my {mbps} line, all far below what I was sold",
            "Videos buffer all night long, the connection is so slow lately",
        ),
        more=(
            "same with the cable plugged straight in",
            "restarted the router a hundred times",
            "My neighbours say the same",
            "working from home is impossible",
        ),
        ask=(
            "fix the speed or lower my bill",
            "Send someone to check",
            "I expect some money back for this",
        ),
    ),
    "leak": Grammar(
        what=(
            "Strangers ring me and know my name, my address and even that I am on {plan}. "
            "Did someone at your place hand out my details?",
            "I think one of your people looked up my records and sold them, the caller knew "
            "where I live",
            "My personal information has leaked, a salesman read my own plan and address to me",
        ),
        more=(
            "I never gave this number to anyone else",
            "four calls a day now",
            "when I ask where he got it he hangs up",
        ),
        ask=(
            "Tell me who looked at my data",
            "I want to know who did it",
            "Please look into who accessed my file",
        ),
    ),
    "double": Grammar(
        what=(
            "You took {fee} for my plan twice in the same month",
            "Two identical charges of {fee} on my bill, I only have one number",
            "{plan} was billed double, {fee} and again {fee}",
        ),
        more=("other months are fine", "looks like a glitch", "it left me with no credit"),
        ask=("Return the second one", "please give one of them back", "correct my bill"),
    ),
    "exit_fee": Grammar(
        what=(
            "I stopped my broadband and you charged {fee} for leaving early, but I had it for ages",
            "{fee} penalty for ending {svc}?",
            "Closing my line cost me {fee}, nobody told me about such a fee",
        ),
        more=(
            "the year was over long ago as I see it",
            "I moved house",
            "the shop said I could stop any time",
        ),
        ask=("I want the {fee} back", "Please take that fee off", "check my contract dates"),
    ),
    "stop_ignored": Grammar(
        what=(
            "I cancelled {svc} and you still take {fee} each month",
            "{svc} was switched off by me, the text said done, yet {fee} again",
            "Still paying {fee} for {svc} after I ended it",
        ),
        more=("I kept the confirmation text", "I called about it already", "the app shows nothing"),
        ask=(
            "give back everything since I stopped it",
            "stop charging me and refund",
            "refund after the stop date",
        ),
    ),
    "price_rise": Grammar(
        what=(
            "{plan} used to be 59 and now it's 69, why",
            "Ten more a month for {plan}, for the very same thing",
            "my monthly price went up again, {plan} has become too expensive",
        ),
        more=("new customers get discounts", "nothing got better", "I'm a pensioner"),
        ask=("put it back to 59", "I'd like the old price", "explain the increase"),
    ),
    "overage": Grammar(
        what=(
            "I went over my data and you billed {fee} extra without telling me it had run out",
            "{fee} out of plan data, no message that my allowance was used up",
            "Nobody let me know my gigabytes were gone, now there is {fee} on top",
        ),
        more=(
            "I am on wifi most of the time",
            "you used to text about it",
            "I'd have stopped watching",
        ),
        ask=("take the extra off", "Please refund the extra data", "no warning, no charge"),
    ),
    "plan_switched": Grammar(
        what=(
            "I was on {old} and suddenly I'm on {plan} for {fee}. I never agreed to switch",
            "Who moved me to {plan}? I didn't ask for it and it's {fee} a month",
            "my plan changed by itself from 29 to 99",
        ),
        more=("I hardly call anyone", "no one phoned me about it", "last month was normal"),
        ask=(
            "Put me back on {old} and refund the difference",
            "change it back",
            "return what you took too much",
        ),
    ),
    "deposit": Grammar(
        what=(
            "I gave the modem back two months ago and still haven't got my deposit",
            "The credit left on my closed account was to be paid out in a week, nothing came",
            "You owe me the prepaid bonus that should come back monthly",
        ),
        more=("I have the receipt", "always 'in process'", "asked many times"),
        ask=("please pay me", "when will I get it", "send my deposit back"),
    ),
    "install": Grammar(
        what=(
            "The installer did not turn up, third time now",
            "Ordered broadband weeks ago and nobody has come to set it up",
            "took a day off to wait for the technician, no show",
        ),
        more=("I paid the fee already", "they keep saying tomorrow"),
        ask=("give me a date that holds", "come or cancel it", "I want something for my lost day"),
    ),
    "outage": Grammar(
        what=(
            "No internet at all since {when}, red light on the box",
            "the line is dead, whole building",
            "connection drops completely every few hours, can't get online",
        ),
        more=("rebooting does nothing", "I work from here", "no word from you"),
        ask=("get it running", "when is it back", "I won't pay for dead days"),
    ),
    "signal": Grammar(
        what=(
            "no bars in my flat, I have to go out to the balcony to call",
            "There is hardly any mobile signal in our street",
            "since I moved my phone says no service at home",
        ),
        more=("others with another carrier are fine", "been like this for two years"),
        ask=("please put up coverage here", "come and test it", "when will it improve"),
    ),
    "blocked": Grammar(
        what=(
            "Everything works except one game server, on another network it connects at once",
            "My work mail won't load over your line but does over a hotspot",
            "one streaming site can't be opened on your broadband",
        ),
        more=("same on every computer", "for days now"),
        ask=("unblock it", "check whether you filter it", "please fix"),
    ),
    "repair": Grammar(
        what=(
            "Reported a broken modem a week ago and no one came to replace it",
            "the technician came once, said he needs a new cable and vanished",
            "Ticket says done but nothing was repaired",
        ),
        more=("full price all the same", "called again and again"),
        ask=("send someone who fixes it", "replace it", "no fee until it works"),
    ),
    "rude": Grammar(
        what=(
            "The man at your shop was rude to me and rolled his eyes",
            "Waited half an hour on the hotline, then the lady hung up on me",
            "three agents, three different answers, all unfriendly",
        ),
        more=("in front of everyone", "I am old and need it slowly"),
        ask=("I want an apology", "train your people", "call me back"),
    ),
    "bundled": Grammar(
        what=(
            "You won't sell me broadband unless I take your SIM as well",
            "Our dorm can only get your network, no other choice, and it's pricey",
        ),
        more=("I have a phone already", "sounds like forced buying"),
        ask=("I just want internet alone", "let us choose"),
    ),
    "spam": Grammar(
        what=(
            "I get a dozen gambling texts a day",
            "Someone pretending to be the police called and wanted me to transfer money",
            "robocalls ringing once all night, from ever new numbers",
        ),
        more=("even at night", "almost fell for it"),
        ask=("can you block them", "please stop these", "do something"),
    ),
    "unanswered": Grammar(
        what=(
            "I complained a month ago and no one ever replied",
            "My last case was closed without anyone talking to me and nothing is solved",
        ),
        more=("every time I start from zero", "I'll go to the ministry"),
        ask=("give me a result", "let someone in charge answer"),
    ),
    "unspecific": Grammar(
        what=(
            "worst company",
            "you guys are a joke",
            "terrible, just terrible",
            "so done with you",
        ),
        more=("really", "lol"),
        ask=("do better", ""),
    ),
    "enquiry": Grammar(
        what=(
            "How do I see how much data I have left?",
            "hi, is the shop open on Sunday?",
            "What do I need to bring to change carriers and keep my number?",
            "How much is it to go up to a faster line?",
            "where can I get an invoice",
            "Anything I must set up before going to {land}?",
        ),
        more=("thanks", "no hurry"),
        ask=("thank you", ""),
    ),
    "site": Grammar(
        what=(
            "An antenna went up on our roof and no resident agreed, I worry about radiation",
            "The mast across the street hums all night",
        ),
        more=("there's a pregnant woman upstairs", "the landlord knows nothing"),
        ask=("take it down", "move it", "show us the permit"),
    ),
}
