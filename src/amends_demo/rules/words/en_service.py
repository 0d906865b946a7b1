"""English words of people who complain about network, service or data, or only ask."""

from __future__ import annotations

from amends_demo.rules.words.grammar import MessageGrammar

GRAMMAR: dict[str, MessageGrammar] = {
    "slow": MessageGrammar(
        what=(
            "I pay for {mbps} and get a fraction of it, evenings are hopeless",
            "internet is crawling, {mbps} my foot",
            "Ran several speed tests on my {mbps} line, all far below what I was sold",
            "Videos buffer all night long, the connection is so slow lately",
            "My {mbps} line barely does a tenth of it",
            "since {when} everything loads like in the nineties, supposed to be {mbps}",
        ),
        more=(
            "same with the cable plugged straight in",
            "restarted the router a hundred times",
            "My neighbours say the same",
            "working from home is impossible",
            "tested with three devices",
        ),
        ask=(
            "fix the speed or lower my bill",
            "Send someone to check",
            "I expect some money back for this",
            "get it up to speed",
        ),
    ),
    "leak": MessageGrammar(
        what=(
            "Strangers ring me and know my name, my address and even that I am on {plan}. "
            "Did someone at your place hand out my details?",
            "I think one of your people looked up my records and sold them, the caller knew "
            "where I live",
            "My personal information has leaked, a salesman read my own plan and address to me",
            "A telemarketer knew my full name, street and tariff. That can only come from you",
        ),
        more=(
            "I never gave this number to anyone else",
            "four calls a day now",
            "when I ask where he got it he hangs up",
            "I kept this number private",
        ),
        ask=(
            "Tell me who looked at my data",
            "I want to know who did it",
            "Please look into who accessed my file",
            "Find out who opened my file",
        ),
    ),
    "install": MessageGrammar(
        what=(
            "The installer did not turn up, third time now",
            "Ordered broadband weeks ago and nobody has come to set it up",
            "took a day off to wait for the technician, no show",
            "They promised Saturday, I waited till dark, nobody",
        ),
        more=(
            "I paid the fee already",
            "they keep saying tomorrow",
            "second week now",
        ),
        ask=(
            "give me a date that holds",
            "come or cancel it",
            "I want something for my lost day",
            "just come",
        ),
    ),
    "outage": MessageGrammar(
        what=(
            "No internet at all since {when}, red light on the box",
            "the line is dead, whole building",
            "connection drops completely every few hours, can't get online",
            "Internet died this morning and the whole street with it",
        ),
        more=(
            "rebooting does nothing",
            "I work from here",
            "no word from you",
            "I run a shop here",
        ),
        ask=(
            "get it running",
            "when is it back",
            "I won't pay for dead days",
            "repair it now",
        ),
    ),
    "signal": MessageGrammar(
        what=(
            "no bars in my flat, I have to go out to the balcony to call",
            "There is hardly any mobile signal in our street",
            "since I moved my phone says no service at home",
            "Calls drop the moment I step inside my own house",
        ),
        more=(
            "others with another carrier are fine",
            "been like this for two years",
            "can't even get couriers",
        ),
        ask=(
            "please put up coverage here",
            "come and test it",
            "when will it improve",
            "boost the signal",
        ),
    ),
    "blocked": MessageGrammar(
        what=(
            "Everything works except one game server, on another network it connects at once",
            "My work mail won't load over your line but does over a hotspot",
            "one streaming site can't be opened on your broadband",
        ),
        more=("same on every computer", "for days now"),
        ask=("unblock it", "check whether you filter it", "please fix"),
    ),
    "repair": MessageGrammar(
        what=(
            "Reported a broken modem a week ago and no one came to replace it",
            "the technician came once, said he needs a new cable and vanished",
            "Ticket says done but nothing was repaired",
            "My TV box has been broken for days and your repair keeps slipping",
        ),
        more=(
            "full price all the same",
            "called again and again",
            "I gave three dates",
        ),
        ask=(
            "send someone who fixes it",
            "replace it",
            "no fee until it works",
            "swap the box",
        ),
    ),
    "rude": MessageGrammar(
        what=(
            "The man at your shop was rude to me and rolled his eyes",
            "Waited half an hour on the hotline, then the lady hung up on me",
            "three agents, three different answers, all unfriendly",
            "Your lady at the counter kept chatting and ignored me",
        ),
        more=(
            "in front of everyone",
            "I am old and need it slowly",
            "queue of one hour",
        ),
        ask=(
            "I want an apology",
            "train your people",
            "call me back",
            "apologise",
        ),
    ),
    "bundled": MessageGrammar(
        what=(
            "You won't sell me broadband unless I take your SIM as well",
            "Our dorm can only get your network, no other choice, and it's pricey",
        ),
        more=("I have a phone already", "sounds like forced buying"),
        ask=("I just want internet alone", "let us choose"),
    ),
    "spam": MessageGrammar(
        what=(
            "I get a dozen gambling texts a day",
            "Someone pretending to be the police called and wanted me to transfer money",
            "robocalls ringing once all night, from ever new numbers",
            "Scam messages pretending to be a bank keep coming",
        ),
        more=(
            "even at night",
            "almost fell for it",
            "my mum nearly paid",
        ),
        ask=(
            "can you block them",
            "please stop these",
            "do something",
            "filter them",
        ),
    ),
    "unanswered": MessageGrammar(
        what=(
            "I complained a month ago and no one ever replied",
            "My last case was closed without anyone talking to me and nothing is solved",
        ),
        more=("every time I start from zero", "I'll go to the ministry"),
        ask=("give me a result", "let someone in charge answer"),
    ),
    "unspecific": MessageGrammar(
        what=(
            "worst company",
            "you guys are a joke",
            "terrible, just terrible",
            "so done with you",
        ),
        more=("really", "lol"),
        ask=("do better", ""),
    ),
    "enquiry": MessageGrammar(
        what=(
            "How do I see how much data I have left?",
            "hi, is the shop open on Sunday?",
            "What do I need to bring to change carriers and keep my number?",
            "How much is it to go up to a faster line?",
            "where can I get an invoice",
            "Anything I must set up before going to {land}?",
            "Can I get a second SIM for my daughter?",
            "what do my points buy",
        ),
        more=(
            "thanks",
            "no hurry",
            "cheers",
        ),
        ask=(
            "thank you",
            "",
        ),
    ),
    "site": MessageGrammar(
        what=(
            "An antenna went up on our roof and no resident agreed, I worry about radiation",
            "The mast across the street hums all night",
        ),
        more=("there's a pregnant woman upstairs", "the landlord knows nothing"),
        ask=("take it down", "move it", "show us the permit"),
    ),
}
