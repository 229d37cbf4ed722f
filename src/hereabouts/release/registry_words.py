"""What a release's entry for the registry of deployments says in words: true of every release of this version."""

from __future__ import annotations

UNNAMED = "Movement figures about crowds"
NO_NAME = "the operator of this store"
NO_CURATOR = "The operator of the store whose transparency log has the key {log} (not named in this release)"
NO_URL = "not named in this release: say where it can be had"
DISTRIBUTION = "distribution"

DRAFT = (
    "Written by the software that made the release. Before it is handed in, its owner should say who the curator is "
    "(unless the policy of the store did), what else is published from the same data, and where the release can be "
    "had."
)

DESCRIPTION = """\
Figures about crowds of phones in H3 cells, from {start} to {end} ({timezone}): how many devices are in an area \
(presence, visitors), how many trips go from one to another (flows), and how long trips, stays and days are \
(distributions), as far as they were asked for. Each has a standard deviation and a 95 % interval. Tables, level by \
level:

"""

USE = (
    "{purpose} ({dpv} of the W3C Data Privacy Vocabulary). The software refuses purposes of enforcement against "
    "people, and gives out no device's places."
)

DATA_DOMAIN = """\
Sets of pings of phones (device, position, time) in one window, {start} to {end} ({hours} hours, {timezone}), that \
passed the gates of the store, each judged by itself; and of each device what is made of its own pings: presence (the \
cell in which it spent most of each hour), stays and trips between them. Statistics are of what lies in the region: \
{region} {places} No other window's pings are in it, and any number of devices, none included, is allowed for.
"""

UNPROTECTED = """\
Nothing that is computed from rows is published without noise: there are no invariants, and counts of published rows, \
bounds and choices of where to look were made on numbers that carry paid noise. Public, and no function of rows:

"""
PLAN_IS_PUBLIC = (
    "The plan and what follows from it: region, window, time zone, statistics, resolutions, periods, epsilon, delta, "
    "how rho is shared, and so the domain of every table (all cells of the region, or all pairs of them, times the "
    "periods). That the window is released says nothing of rows either: one in which nobody was is released alike."
)
PLACES_ARE_PUBLIC = "Version and digest of the store's list of sensitive places."
STALE_IS_PUBLIC = (
    "Whether the data changed after they were measured (stale): said of every window within reach of a change, "
    "whether or not it lost a row."
)
LOG_IS_PUBLIC = (
    "Entries of the transparency log: acts, accounts, rules and times to the second. How long a release took can be "
    "read from these; it depends a little on the data, and nothing is done against that."
)

UNIT = """\
The unit: {unit}. Two data sets are adjacent if one is the other without all pings that one device has in the window \
from {start} to {end}; the distance of two data sets is the number of devices whose pings in the window differ. \
Nothing is said of how many devices there are: it is not taken for public.

- A device is not a person: somebody with two phones, or whose advertising id was reset, is two devices. A person's, \
or a household's, protection is that of a group of so many devices.
- Each window is computed from its own pings alone. Over several windows a device's rho adds up.
- Separate ledgers know nothing of each other: the same pings in another store are protected by its budget alone.
"""

PARAMETERS = """\
rho {rho} exactly, of which epsilon and delta are a restatement: {conversion}. By the bound "{bound}", epsilon is \
{restated} at the same delta; that buys nothing.

- A device of this window has been charged, this release included: epsilon {window_spent}.
- It may be charged, over all releases of the window: epsilon {window_budget}.
- A device that was in every window of which the store has released anything, {windows} so far: epsilon {lifetime}.
"""

CENTRAL = (
    "A store takes feeds in, turns precise positions into presence, stays and trips when a window is closed, deletes "
    "the positions, and lets out noisy statistics alone."
)
ACTORS = """\
- Device owners: trust whoever runs the store, and the suppliers of its feeds, with their pings.
- Suppliers of feeds: are admitted by the operator with evidence of consent, and know what they supply. A supplier \
that adds devices to learn of others is an adversary: adjacency holds for each device whatever the others are.
- The curator, {curator}: is trusted with the exact data, and with running the software as it is: its staff can see \
exact rows, receipts, audits and attacks, which are confidential and not differentially private. {policy}
- Readers of the release, adversaries with any knowledge of other devices and any computing power among them: are not \
trusted; they may know the software, the plan and the log.
- Auditors and witnesses of the transparency log: need not be trusted, and see no rows; they verify entries and the \
proof that lies in the release.
"""
ONE_RELEASE = (
    "One release of one window. Others of the same window may have been made, or may follow, until its budget is used "
    "up: epsilon {spent} of {budget} was when this one was published, and the ledger refuses more. The budget does "
    "not refill; another window has one of its own, and what a device is charged over several adds up. Publishing the "
    "same measurement again, with other thresholds, costs nothing, for no noise is drawn again."
)
STATIC = (
    "The window was closed and sealed before it was measured, and takes no more rows. Rows are removed when a device "
    "is withdrawn, a place becomes sensitive, or retention ends."
)
STALE = " That has happened since these figures were measured, or may have: the release is marked stale."
NON_INTERACTIVE = (
    "Plans are run by the operator of the store, against its ledger; readers get files. Nobody else can ask anything "
    "of the data, and no budget is shared out among analysts, so nothing is assumed of their collusion."
)

POST_PROCESSING = "All of it sees noisy numbers and public facts alone, and is in floating point:\n\n"
ESTIMATES = {
    "presence": (
        "Presence: empirical Bayes levels of cells by what their neighbours lead to expect, times rhythms of day and "
        "week; days, weeks and windows are means of the hours. Resolutions are made to agree; no value is negative."
    ),
    "flows": (
        "Flows: what scaling took is put back by the ratio of two noisy totals; then empirical Bayes by what else "
        "leaves and reaches both ends. Sums of many small rows are too low. Resolutions are made to agree; no value "
        "is negative."
    ),
    "visitors": (
        "Visitors: what scaling took is put back by the ratio of two noisy totals; then empirical Bayes. A parent has "
        "as many as its largest child, or more, and a window as its largest day."
    ),
    "distributions": (
        "Distributions: what scaling took is put back by the ratio of two noisy totals; no value is negative."
    ),
}
PUBLISHED = (
    "A row is published if its estimate is {minimum:g} or more, and its 95 % interval no wider than {halfwidth} of it "
    "on one side. What is missing is inside a coarser row, and is not zero. Intervals hold for rows that were chosen "
    "so."
)
COARSENED = (
    "Noisy numbers of protected areas are added up to what may be published of them, before anything is estimated."
)

COMPOSITION = """\
Sequential composition under zCDP, also where a later piece depends on an earlier noisy one (Bun and Steinke 2016): \
the rho of {pieces} pieces adds up, as exact fractions, to that of the release. Disjoint cells and hours do not \
compose in parallel, for a device moves: each piece is one vector, whose L2 sensitivity to a whole device is bounded. \
rho is shared by public rules; it is reserved in the store's ledger, which refuses what is over the window's budget, \
before the first draw, and what was drawn is kept and never drawn again.

"""
BOUNDED = {
    "presence": "A device is in one cell an hour, so its squared norm is at most the window's hours: no scaling.",
    "visitors": (
        "A device's vector is scaled to an L2 norm that was chosen from a noisy, paid histogram of norms; what that "
        "took was measured, paid for, too."
    ),
    "flows": (
        "A device's trips are scaled to an L2 norm that was chosen from a noisy, paid histogram of norms; what that "
        "took was measured, paid for, too. Pairs are chosen on noisy numbers of coarser ones where there are too "
        "many."
    ),
    DISTRIBUTION: (
        "Counts of devices and of device-days are bounded by nature; those of trips and stays are scaled to an L2 "
        "norm that was chosen from a noisy, paid histogram of norms."
    ),
}

PREPROCESSING = """\
- Every row is kept or dropped for what it says itself (position, time, accuracy, consent, opt-out, source): no \
threshold is learnt from the data. Devices that were withdrawn are left out. {places}
- Positions become presence, stays and trips, device by device, by fixed definitions, at a fixed resolution.
- No exploratory analysis is part of a release, and nothing is tuned on exact data. Bounds that the data decide are \
paid for, as said under composition. How rho is shared, and the constants of the estimators, come with the software; \
the latter were tried out on open data sets (T-Drive, Foursquare) and made-up towns.
- Region, resolutions, periods, epsilon and delta are the plan's. Whether its author had seen exact figures before, \
the software cannot know: its owner may audit a store, confidentially, and nothing is charged for that.
"""
NO_PLACES = "The store had no list of sensitive places: pings there are counted as any others."
PLACES = "Pings at places of the store's list of sensitive places (version {version}, SHA-256 {digest}) were dropped."

MECHANISMS = """\
- The mechanism: {mechanism}. No seed exists, and noise is not kept.
- What noise is added to are whole numbers, or fixed-point ones that were rounded toward zero, added up exactly; a \
device's squared norm is asserted in integers. rho, shares and sensitivities are exact; noise scales are rounded up; \
epsilon and delta are worked out in 60 digits and rounded up. Floating point comes in after the noise.
- OpenDP is used for sampling alone. Bounding, sensitivity, thresholds and composition are the software's own, each \
with a proof note beside it and a property test over neighbouring data sets.
- The code is hereabouts {version}, licensed Apache-2.0; the proofs are in its catalogue and privacy folders.

What was drawn, in the units of its values (256 to a trip, a visit or a count where these are scaled):

"""
SECURITY = """\

- Timing: nothing is done to make it constant. Nobody but the operator can ask for a release.
- The platform: random bits are the operating system's (those of OpenDP come from OpenSSL, which it seeds). A \
platform that lies about these, or shows memory to others, is not defended against.
- Pings of open windows are encrypted (AES-256-GCM) under a key of their window that lies outside the store, and are \
deleted, with it, when the window is sealed. Sealed tables hold keyed pseudonyms, cells, hours, and binned lengths \
and durations, not encrypted; they, the ledger and the keys are guarded by the permissions of the machines that hold \
them. {policy}
- Acts on the store, refusals among them, are entries of a signed, append-only transparency log.
"""
POLICIES = {
    "research": (
        "The policy of the store is 'research', which does not of itself ask for a responsible officer, an impact "
        "assessment or a second person's signature."
    ),
    "regulated": (
        "The policy of the store is 'regulated': it asks for a responsible officer, an impact assessment in force for "
        "the purpose, and a second person's signature on the plan."
    ),
}
NOBODY, NONE, NO_RECIPIENTS = "nobody", "none", "none named"
GROUNDS = (
    " This release rests on: responsible officer: {officer}; impact assessment: {assessment}; signed by a second "
    "person: {approver}; recipients: {recipients}."
)

NO_REASON = "It needed no further reason."
JUSTIFICATION = """\
- The unit is a device's whole window, for where somebody is on one day tells of the next: a smaller unit would leave \
a routine unprotected.
- Discrete Gaussian noise under zCDP, for a device is in many cells: noise grows with the L2 norm of what it does, \
the square root of its hours, and many pieces compose tightly. Measuring hours once and adding them up has the noise \
of measuring days or windows.
- Epsilon {epsilon} is the plan's choice, within a budget of the store's policy; thresholds on rows are about use, \
and protect nobody.
- The finest resolution is H3 {resolution}; cells of resolution 7 are larger than a circle of 1,850 ft, the widest \
legal meaning of precise geolocation. {finer}
- Verified by property tests over neighbouring data sets, by tests of the noise that must fail at other scales, and \
by attacks on releases that are held against what theory allows. Anyone can check the parameters with the release's \
own files: `hereabouts verify`.
"""

SOURCES = """\
- The release: {url}. Beside this file: release.json (parameters as run), README.md, report.html, and \
release.tlog-proof (its entry in the log of the key {log}).
- The software: hereabouts {version}.
- Canonne, Kamath, Steinke 2020, The Discrete Gaussian for Differential Privacy: https://arxiv.org/abs/2004.00010
- Bun, Steinke 2016, Concentrated Differential Privacy: https://arxiv.org/abs/1605.02635
"""
