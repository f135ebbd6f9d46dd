skip = Skip to the text
index = What this service is
index-lead = This is the back end of widgets for amoCRM and Kommo. It keeps who installed a product, shows the privacy Policy, records consent to its exact words, and takes the product out of an account when consent is withdrawn.
index-products = Privacy policies
index-none = No product has been published yet.
index-people = You are an administrator of an account
index-people-body = Everything about your data is in the product's control panel in amoCRM: the Policy you agreed to, the receipt, your contact details, a download of your data, and withdrawal.
index-developers = You are a developer
index-api = The API, described
connected = Connected
connected-body = The product is connected to your account. You can close this window and go back to amoCRM.
connected-as-employee = Connected, with an employee’s rights
connected-as-employee-body = The product is connected, but amoCRM lets it do in your account only what you may. To remove its webhooks and to switch itself off when consent is withdrawn it needs an administrator’s access: please ask an administrator of the account to press the same button.
connecting = Almost there
connecting-body = amoCRM is busy; we go on trying for 20 minutes. You can close this window: the product's settings show when it is done.
connection-failed = Not connected
connection-failed-body = amoCRM did not accept this authorization: it may have been used before, or it took too long. Please go back to the product's settings and press the button again.
access-denied = Nothing was changed
access-denied-body = You chose not to grant access. The product is not connected to your account, and nothing about you was stored.
link-confirm = Is this your address?
link-confirm-body = { $publisher } sent the letter with this link to an e-mail address that somebody gave as theirs. If it is yours, confirm it: then receipts and news about your personal data come to it. If you know nothing of this, close the page: nothing was changed.
link-confirm-button = Yes, this is my address
link-confirmed = The address is confirmed
link-confirmed-body = Letters from { $publisher } about your personal data come to this address. You can close this window.
link-lapsed = This link does not work any more
link-lapsed-body = It is older than seven days, or was cut short on its way. The next letter from { $publisher } to an address that is not confirmed brings a new one.
out-of-date = Authorization out of date
out-of-date-body = This authorization was begun in another browser, was used before, or is older than ten minutes. Nothing was changed.
begin-again = Begin again
not-found = Not found
not-found-body = There is nothing at this address.
error-page = What this error means
error-explained = For developers
docs = The API
docs-lead = Described from the handlers themselves; the same as OpenAPI 3.1 in JSON:
docs-parameters = Parameters
docs-answers = Answers
write-to = Questions:
my-data = My data
my-data-lead = Everything that is held about you in this product, as of
my-data-contact = Contact details
my-data-none = Nothing is held about you: you have not given your consent here.
my-data-history = What they were before
my-data-consents = Consents and withdrawals
my-data-requests = Requests
field-name = Surname, name, patronymic
field-company = Company
field-position = Position
field-phone = Phone
field-email = E-mail
field-language = Language
field-confirmed = E-mail confirmed
yes = yes
no = no
field-account = Account
field-user = User
field-state = State
field-received = Received
field-due = Due
field-comment = Comment
policy-version = Version
policy-dated = dated
policy-posted = In force since
policy-language = Language
policy-hash = SHA-256 of the text
policy-contents = Contents
policy-old = This is not the version in force.
policy-current = Read the version in force
policy-versions = All versions
en-name = English
ru-name = Русский
demo = Seven steps through Accord
demo-lead = Everything here runs on this machine: an emulated amoCRM with one account, and the service with one product. What you click on the left shows on the right.
demo-steps = What to click
demo-step-1 = Sign in.
demo-step-1-body = Open the account and choose the administrator:
demo-step-2 = Install.
demo-step-2-body = Under Integrations open the product. Read the Policy, fill in the contact form, tick the box, and press Install. Without the tick it stays closed.
demo-step-3 = Look at a deal.
demo-step-3-body = Open a deal: the product works, because the account consented.
demo-step-4 = Open the control panel.
demo-step-4-body = In Settings open the product's page: the Policy, what you agreed to, the receipt, your contact details, your data to download.
demo-step-5 = Withdraw.
demo-step-5-body = On the same page withdraw the consent, and watch the product leave the account. Then sign in as the employee and see what is not theirs to do.
demo-step-6 = Publish a new version.
demo-step-6-body = The heart of the matter. Install once more, then press here, and look at a deal, at the control panel and at the comparison after each press.
demo-publish-notice = Publish a clearer text
demo-publish-notice-body = It asks for nothing more: everybody is told, once, and the product goes on.
demo-publish-wider = Publish a wider text
demo-publish-wider-body = It wants the data for one more purpose. That purpose is off until somebody agrees; after { $days } days without an answer the product is locked.
demo-publish-wider-locked = It wants the data for one more purpose: the product is locked until somebody agrees.
demo-later = Let { $days } days pass
demo-later-body = Moves the clock of this demo: the product is locked until an administrator agrees to the new text. The clock shows
demo-level-notice = notice
demo-level-wider = new consent
demo-step-7 = Uninstall without asking us.
demo-step-7-body = In the account, under Integrations, open the product and press Disable. Nobody asks the service; amoCRM's disconnect hook tells it. It asks amoCRM whether the access is really gone, and only then is the product uninstalled here. The ledger keeps what was agreed to; the next install begins a new generation.
demo-policy = The Policy
demo-control = amoCRM's back office
demo-did = What the service did
demo-installs = Installs
demo-generation = generation
demo-tokens = Tokens
demo-until = until
demo-hooks = Authorizations that amoCRM announced
demo-ledger = Consent ledger
demo-jobs = Jobs
receipt-given = Receipt: consent given
receipt-withdrawn = Receipt: consent withdrawn
receipt-lead = Keep this page. It says what was recorded, and proves it.
receipt-number = Receipt
receipt-at = Recorded
receipt-product = Product
receipt-purposes = What the data is used for
receipt-recipients = Also given to:
receipt-declared = What was declared
receipt-read = The Policy was read and understood, and agreed to freely.
receipt-own-data = The data are the person's own.
receipt-withdraw = The consent can be taken back at any time, with one button in the product's control panel.
receipt-proof = How to prove it
receipt-proof-body = The receipt is signed, and holds its place in a ledger that only grows. Anybody can verify the file without asking the publisher:
receipt-whole = The whole receipt
category-name = name
category-company = company
category-position = position
category-phone = phone
category-email = e-mail
category-language = language
category-account_id = account number
period-uninstall = kept for { $period } after the product is removed
period-withdrawal = kept for { $period } after the consent is withdrawn
period-contract-end = kept for { $period } after the contract ends
period-last-activity = kept for { $period } after the account was last active
period-collected = kept for { $period } after it was collected
years = { $count ->
    [one] { $count } year
   *[other] { $count } years
}
months = { $count ->
    [one] { $count } month
   *[other] { $count } months
}
weeks = { $count ->
    [one] { $count } week
   *[other] { $count } weeks
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
compare = What changed
compare-between = Policy No. { $a } and No. { $b }
compare-facts = In short
compare-none = The meaning is as before: purposes, data, recipients and terms have not changed.
compare-same = The texts are the same.
compare-clauses = Clause by clause
compare-added = new clause
compare-removed = clause removed
compare-changed = changed
compare-moved = renumbered
compare-from = before
compare-title = Title
compare-notice = People are told of this change; nobody has to agree again.
compare-reconsent = This version asks for more than the one before: people have to agree again.
compare-legend = Removed words are struck through, new ones are underlined.
compare-since = What changed since No. { $number }
compare-read = Read No. { $number }
