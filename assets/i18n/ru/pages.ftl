skip = К тексту
index = Что это за сервис
index-lead = Это серверная часть виджетов для amoCRM и Kommo. Она помнит, кто установил продукт, показывает Политику, записывает согласие с её точным текстом и убирает продукт из аккаунта, когда согласие отозвано.
index-products = Политики
index-none = Пока не опубликован ни один продукт.
index-people = Вы администратор аккаунта
index-people-body = Всё о ваших данных — на панели управления продукта в amoCRM: Политика, с которой вы согласились, квитанция, контактные данные, копия ваших данных и отзыв согласия.
index-developers = Вы разработчик
index-api = Описание API
connected = Подключено
connected-body = Продукт подключён к вашему аккаунту. Это окно можно закрыть и вернуться в amoCRM.
connected-as-employee = Подключено с правами сотрудника
connected-as-employee-body = Продукт подключён, но amoCRM разрешает ему в вашем аккаунте только то, что можно вам. Чтобы убрать свои вебхуки и отключиться после отзыва согласия, ему нужен доступ администратора: попросите администратора аккаунта нажать ту же кнопку.
connecting = Почти готово
connecting-body = amoCRM занята; мы будем пробовать ещё 20 минут. Это окно можно закрыть: настройки продукта покажут, когда всё готово.
connection-failed = Не подключено
connection-failed-body = amoCRM не приняла эту авторизацию: возможно, она уже использована или прошло слишком много времени. Вернитесь к настройкам продукта и нажмите кнопку ещё раз.
access-denied = Ничего не изменилось
access-denied-body = Вы решили не давать доступ. Продукт не подключён к вашему аккаунту, о вас ничего не сохранено.
link-confirm = Это ваш адрес?
link-confirm-body = Письмо с этой ссылкой { $publisher } отправляет на адрес, который кто-то указал как свой. Если он ваш, подтвердите его: тогда квитанции и новости о ваших персональных данных будут приходить на него. Если вам об этом ничего не известно, закройте страницу: ничего не изменилось.
link-confirm-button = Да, это мой адрес
link-confirmed = Адрес подтверждён
link-confirmed-body = Письма о ваших персональных данных от { $publisher } приходят на этот адрес. Окно можно закрыть.
link-lapsed = Эта ссылка больше не действует
link-lapsed-body = Ей больше семи дней, или в пути она потеряла часть. Новую принесёт следующее письмо от { $publisher } на неподтверждённый адрес.
out-of-date = Авторизация устарела
out-of-date-body = Эта авторизация начата в другом браузере, уже использована или начата больше десяти минут назад. Ничего не изменилось.
begin-again = Начать заново
not-found = Не найдено
not-found-body = По этому адресу ничего нет.
error-page = Что означает эта ошибка
error-explained = Для разработчиков (на английском)
docs = API
docs-lead = Описание составлено по самим обработчикам; то же в виде OpenAPI 3.1 (JSON):
docs-parameters = Параметры
docs-answers = Ответы
write-to = Вопросы:
my-data = Мои данные
my-data-lead = Всё, что хранится о вас в этом продукте, по состоянию на
my-data-contact = Контактные данные
my-data-none = О вас ничего не хранится: вы не давали здесь согласия.
my-data-history = Какими они были раньше
my-data-consents = Согласия и отзывы
my-data-requests = Обращения
field-name = Фамилия, имя, отчество
field-company = Компания
field-position = Должность
field-phone = Телефон
field-email = Эл. почта
field-language = Язык
field-confirmed = Адрес почты подтверждён
yes = да
no = нет
field-account = Аккаунт
field-user = Пользователь
field-state = Состояние
field-received = Получено
field-due = Срок
field-comment = Комментарий
policy-version = Версия
policy-dated = от
policy-posted = Действует с
policy-language = Язык
policy-hash = SHA-256 текста
policy-contents = Содержание
policy-old = Это не действующая версия.
policy-current = Читать действующую версию
policy-versions = Все версии
en-name = English
ru-name = Русский
demo = Accord за семь шагов
demo-lead = Всё работает на этой машине: эмулятор amoCRM с одним аккаунтом и сервис с одним продуктом. То, что вы нажимаете слева, видно справа.
demo-steps = Что нажать
demo-step-1 = Войдите.
demo-step-1-body = Откройте аккаунт и выберите администратора:
demo-step-2 = Установите.
demo-step-2-body = В разделе интеграций откройте продукт. Прочтите Политику, заполните контакты, поставьте отметку и нажмите «Установить». Без отметки кнопка закрыта.
demo-step-3 = Откройте сделку.
demo-step-3-body = В карточке сделки продукт работает: аккаунт дал согласие.
demo-step-4 = Откройте панель управления.
demo-step-4-body = В настройках откройте страницу продукта: Политика, на что вы согласились, квитанция, контакты, копия ваших данных.
demo-step-5 = Отзовите согласие.
demo-step-5-body = Там же отзовите согласие и посмотрите, как продукт покидает аккаунт. Затем войдите как сотрудник и посмотрите, что ему недоступно.
demo-step-6 = Опубликуйте новую редакцию.
demo-step-6-body = Самое главное. Установите продукт ещё раз, затем нажимайте здесь и после каждого нажатия смотрите карточку сделки, панель управления и сравнение.
demo-publish-notice = Опубликовать более ясный текст
demo-publish-notice-body = Он не просит ничего нового: каждому сообщают об этом один раз, продукт работает дальше.
demo-publish-wider = Опубликовать более широкий текст
demo-publish-wider-body = Данные нужны ещё для одной цели. Она выключена, пока никто не согласился; без ответа через { $days } дней продукт закрывается.
demo-publish-wider-locked = Данные нужны ещё для одной цели: продукт закрыт, пока никто не согласился.
demo-later = Пропустить { $days } дней
demo-later-body = Переводит часы этой демонстрации: продукт закрыт, пока администратор не согласится с новым текстом. На часах
demo-level-notice = уведомление
demo-level-wider = новое согласие
demo-step-7 = Удалите, не спросив нас.
demo-step-7-body = В аккаунте, в разделе интеграций, откройте продукт и нажмите «Отключить». Сервис никто не спрашивает, о случившемся сообщает хук отключения amoCRM. Сервис узнаёт у amoCRM, действительно ли доступ отозван, и только тогда считает продукт удалённым. В журнале остаётся то, на что согласились; следующая установка начинает новое поколение.
demo-policy = Политика
demo-control = Служебная страница эмулятора
demo-did = Что сделал сервис
demo-installs = Установки
demo-generation = поколение
demo-tokens = Токены
demo-until = до
demo-hooks = Авторизации от amoCRM
demo-ledger = Журнал согласий
demo-jobs = Задания
receipt-given = Квитанция: согласие дано
receipt-withdrawn = Квитанция: согласие отозвано
receipt-lead = Сохраните эту страницу. В ней сказано, что было записано, и есть доказательство.
receipt-number = Квитанция
receipt-at = Записано
receipt-product = Продукт
receipt-purposes = Для чего используются данные
receipt-recipients = Кому ещё передаются:
receipt-declared = Что было заявлено
receipt-read = Политика прочитана и понята, согласие с ней дано свободно.
receipt-own-data = Данные принадлежат самому человеку.
receipt-withdraw = Согласие можно отозвать в любое время одной кнопкой в панели управления продукта.
receipt-proof = Как это доказать
receipt-proof-body = Квитанция подписана и хранит своё место в журнале, который только растёт. Проверить файл может кто угодно, не спрашивая издателя:
receipt-whole = Вся квитанция
category-name = имя
category-company = компания
category-position = должность
category-phone = телефон
category-email = почта
category-language = язык
category-account_id = номер аккаунта
period-uninstall = хранятся { $period } после удаления продукта
period-withdrawal = хранятся { $period } после отзыва согласия
period-contract-end = хранятся { $period } после окончания договора
period-last-activity = хранятся { $period } после последней активности аккаунта
period-collected = хранятся { $period } после получения
years = { $count ->
    [one] { $count } год
    [few] { $count } года
   *[other] { $count } лет
}
months = { $count ->
    [one] { $count } месяц
    [few] { $count } месяца
   *[other] { $count } месяцев
}
weeks = { $count ->
    [one] { $count } неделя
    [few] { $count } недели
   *[other] { $count } недель
}
hours = { $count ->
    [one] { $count } час
    [few] { $count } часа
   *[other] { $count } часов
}
minutes = { $count ->
    [one] { $count } минута
    [few] { $count } минуты
   *[other] { $count } минут
}
days = { $count ->
    [one] { $count } день
    [few] { $count } дня
   *[other] { $count } дней
}
fact-holder = за данные отвечает другой: { $to } вместо { $from }
fact-place-added = данные собираются также здесь: { $to }
fact-place-removed = данные больше не собираются здесь: { $from }
fact-purpose-added = новая цель: { $title }
fact-optional-purpose-added = новая цель, выключена, пока вы не согласитесь: { $title }
fact-purpose-removed = цели больше нет: { $title }
fact-required = { $title }: больше не по желанию
fact-optional = { $title }: теперь по желанию
fact-basis = { $title }: на другом основании ({ $from } → { $to })
fact-title = { $from }: теперь называется «{ $title }»
fact-category-added = { $title }: новые данные: { $to }
fact-category-removed = { $title }: больше не используется: { $from }
fact-recipient-added = { $title }: новый получатель: { $to }
fact-recipient-removed = { $title }: больше не передаётся: { $from }
fact-kept-longer = { $title }: { $to }, раньше { $from }
fact-kept-shorter = { $title }: { $to }, раньше { $from }
fact-processor-added = новый обработчик: { $to }
fact-processor-extended = { $to } обрабатывает данные и для этой цели: { $title }
fact-processor-removed = больше не обработчик: { $from }
compare = Что изменилось
compare-between = Политика № { $a } и № { $b }
compare-facts = Коротко
compare-none = Смысл прежний: цели, данные, получатели и сроки не изменились.
compare-same = Тексты одинаковы.
compare-clauses = По пунктам
compare-added = новый пункт
compare-removed = пункт удалён
compare-changed = изменён
compare-moved = перенумерован
compare-from = раньше
compare-title = Заголовок
compare-notice = Об этом изменении сообщают; соглашаться заново не нужно.
compare-reconsent = Версия просит больше, чем раньше: нужно согласиться заново.
compare-legend = Удалённые слова зачёркнуты, новые подчёркнуты.
compare-since = Что изменилось с № { $number }
compare-read = Читать № { $number }
