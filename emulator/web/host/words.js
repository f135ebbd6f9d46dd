/**
 * The pages' own words in the four languages: `say('save')`.
 */
'use strict';

define(['facts'], function ({ lang }) {
  const ORDER = ['ru', 'en', 'es', 'pt'];

  const WORDS = {
    deals: ['Сделки', 'Deals', 'Negocios', 'Negócios'],
    integrations: ['Интеграции', 'Integrations', 'Integraciones', 'Integrações'],
    settings: ['Настройки', 'Settings', 'Ajustes', 'Configurações'],
    control: ['Управление эмулятором', 'Emulator control', 'Control del emulador', 'Controle do emulador'],
    menu: ['Разделы', 'Sections', 'Secciones', 'Seções'],
    skip: ['К содержанию', 'Skip to the content', 'Ir al contenido', 'Ir para o conteúdo'],
    language: ['Язык', 'Language', 'Idioma', 'Idioma'],
    dark: ['Тёмная тема', 'Dark theme', 'Tema oscuro', 'Tema escuro'],
    light: ['Светлая тема', 'Light theme', 'Tema claro', 'Tema claro'],
    signOut: ['Выйти', 'Sign out', 'Salir', 'Sair'],
    administrator: ['администратор', 'administrator', 'administrador', 'administrador'],
    employee: ['сотрудник', 'employee', 'empleado', 'funcionário'],
    onlyAdministrators: [
      'Подключать и отключать интеграции может только администратор.',
      'Only an administrator installs and disables integrations.',
      'Solo un administrador instala y desactiva integraciones.',
      'Só um administrador instala e desativa integrações.',
    ],
    noWidgets: [
      'Здесь появятся виджеты. Загрузите архив на странице управления эмулятором.',
      'Widgets will appear here. Upload an archive on the emulator control page.',
      'Aquí aparecerán los widgets. Cargue un archivo en la página de control del emulador.',
      'Os widgets aparecerão aqui. Envie um arquivo na página de controle do emulador.',
    ],
    open: ['Открыть', 'Open', 'Abrir', 'Abrir'],
    install: ['Установить', 'Install', 'Instalar', 'Instalar'],
    save: ['Сохранить', 'Save', 'Guardar', 'Salvar'],
    saved: ['Настройки сохранены', 'Settings are saved', 'Los ajustes se guardaron', 'As configurações foram salvas'],
    disable: ['Отключить', 'Disable', 'Desactivar', 'Desativar'],
    disableQuestion: [
      'Отключить интеграцию?',
      'Disable the integration?',
      '¿Desactivar la integración?',
      'Desativar a integração?',
    ],
    disableText: [
      'Интеграция потеряет доступ к данным аккаунта.',
      'The integration will lose access to the data of the account.',
      'La integración perderá el acceso a los datos de la cuenta.',
      'A integração perderá o acesso aos dados da conta.',
    ],
    cancel: ['Отмена', 'Cancel', 'Cancelar', 'Cancelar'],
    close: ['Закрыть', 'Close', 'Cerrar', 'Fechar'],
    done: ['Готово', 'Done', 'Hecho', 'Pronto'],
    error: ['Что-то пошло не так', 'Something went wrong', 'Algo salió mal', 'Algo deu errado'],
    call: ['Звонок', 'Call', 'Llamada', 'Chamada'],
    stateInstall: ['Не установлено', 'Not installed', 'No instalada', 'Não instalada'],
    stateNotConfigured: ['Не настроено', 'Not configured', 'Sin configurar', 'Não configurada'],
    stateInstalled: ['Установлено', 'Installed', 'Instalada', 'Instalada'],
    required: ['Заполните это поле', 'Fill in this field', 'Rellene este campo', 'Preencha este campo'],
    privacy: [
      'Согласен на передачу данных аккаунта интеграции',
      'I agree to the transfer of account data to the integration',
      'Acepto la transferencia de datos de la cuenta a la integración',
      'Concordo com a transferência de dados da conta para a integração',
    ],
    support: ['Поддержка', 'Support', 'Soporte', 'Suporte'],
    version: ['Версия', 'Version', 'Versión', 'Versão'],
    saveRefused: [
      'Виджет не дал сохранить настройки',
      'The widget did not let the settings be saved',
      'El widget no permitió guardar los ajustes',
      'O widget não permitiu salvar as configurações',
    ],
    notEmulated: [
      'В эмуляторе нет этого модуля amoCRM',
      'The emulator does not have this module of amoCRM',
      'El emulador no tiene este módulo de amoCRM',
      'O emulador não tem este módulo do amoCRM',
    ],
    loadFailed: [
      'Виджет не загрузился',
      'The widget did not load',
      'El widget no se cargó',
      'O widget não carregou',
    ],
    serverFailed: [
      'Сервер не выполнил действие',
      'The server did not carry this out',
      'El servidor no pudo realizar la acción',
      'O servidor não concluiu a ação',
    ],
    notInstalled: [
      'Этот виджет не установлен.',
      'This widget is not installed.',
      'Este widget no está instalado.',
      'Este widget não está instalado.',
    ],
    noAdvanced: [
      'У этого виджета нет своей страницы.',
      'This widget has no page of its own.',
      'Este widget no tiene página propia.',
      'Este widget não tem página própria.',
    ],
    budget: ['Бюджет', 'Budget', 'Presupuesto', 'Orçamento'],
    stage: ['Этап', 'Stage', 'Etapa', 'Etapa'],
    responsible: ['Ответственный', 'Responsible', 'Responsable', 'Responsável'],
    contact: ['Контакт', 'Contact', 'Contacto', 'Contato'],
    phone: ['Телефон', 'Phone', 'Teléfono', 'Telefone'],
    deal: ['Сделка', 'Deal', 'Negocio', 'Negócio'],
    feed: ['События', 'Events', 'Eventos', 'Eventos'],
    feedText: [
      'Событий пока нет.',
      'Nothing has happened yet.',
      'Todavía no hay eventos.',
      'Ainda não há eventos.',
    ],
    widgets: ['Виджеты', 'Widgets', 'Widgets', 'Widgets'],
    stageNew: ['Первичный контакт', 'First contact', 'Primer contacto', 'Primeiro contato'],
    stageTalk: ['Переговоры', 'Talks', 'Negociación', 'Negociação'],
    stageWon: ['Успешно', 'Won', 'Ganado', 'Ganho'],
  };

  const column = ORDER.indexOf(lang);

  return function say(key) {
    return WORDS[key][column];
  };
});
