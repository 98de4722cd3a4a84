// Every word on the page, in both languages. A key that lacks one is a failing test.

/** @import { Lang } from "./types.js" */

/** @type {Record<string, readonly [zhTW: string, en: string]>} */
export const WORDS = {
  title: ["Stock Insights · 每秒行情", "Stock Insights · by the second"],
  language: ["English", "中文"],
  language_hint: ["切換為英文", "Switch to Chinese"],
  theme: ["外觀", "Theme"],
  theme_system: ["跟隨系統", "System"],
  theme_light: ["淺色", "Light"],
  theme_dark: ["深色", "Dark"],
  colours_tw: ["紅漲綠跌", "Red up"],
  colours_us: ["綠漲紅跌", "Green up"],
  colours_hint: ["交換漲跌顏色", "Swap the colours of up and down"],
  help: ["說明", "Help"],
  skip: ["跳到走勢圖", "Skip to the chart"],

  search: ["搜尋代號或名稱", "Search code or name"],
  search_none: ["找不到符合的股票", "No such stock"],
  search_failed: ["搜尋失敗,請稍後再試", "The search failed; try again"],
  search_results: ["搜尋結果", "Search results"],
  watch: ["自選股", "Watch list"],
  watch_remove: ["移除 {symbol}", "Remove {symbol}"],
  watch_empty: ["輸入代號加入自選股", "Type a code to add a stock"],
  spark_hint: ["近 15 分鐘", "Last 15 minutes"],

  market_TSE: ["上市", "TWSE"],
  market_OTC: ["上櫃", "TPEx"],
  market_ESB: ["興櫃", "Emerging"],
  market_TIB: ["創新板", "Innovation"],
  market_PSB: ["戰略新板", "Pioneer"],
  price: ["成交價", "Price"],
  change: ["漲跌", "Change"],
  open: ["開盤", "Open"],
  high: ["最高", "High"],
  low: ["最低", "Low"],
  close: ["收", "Close"],
  reference: ["參考價", "Reference"],
  limit_up: ["漲停", "Limit up"],
  limit_down: ["跌停", "Limit down"],
  volume: ["總量", "Volume"],
  second_volume: ["量", "Vol"],
  trades: ["筆數", "Trades"],
  lots: ["張", "lots"],
  vwap: ["均價", "VWAP"],
  buy_side: ["外盤", "At ask"],
  buy_share: ["外盤比", "Ask share"],
  previous_close: ["昨收", "Prev. close"],
  sell_side: ["內盤", "At bid"],
  last_trade: ["成交時間", "Last trade"],
  sma_5: ["5秒均", "SMA 5 s"],
  sma_10: ["10秒均", "SMA 10 s"],
  sma_15: ["15秒均", "SMA 15 s"],
  in_window: ["{count} 秒有成交", "{count} s traded"],
  since: ["僅含 {time} 起的資料", "Only data since {time}"],
  delisted_hint: ["伺服器不認識 {symbol}", "The server does not know {symbol}"],

  chart: ["走勢圖", "Chart"],
  mode_line: ["分時走勢", "Line"],
  mode_candles: ["K 線", "Candles"],
  axis_true: ["真實時間", "Real time"],
  axis_compressed: ["只看成交", "Trades only"],
  axis_hint: ["空白的秒是否佔位", "Whether empty seconds take their place"],
  now: ["回到現在", "Back to now"],
  mark_correction: ["更正", "Corrected"],
  mark_live: ["未定", "Live"],
  mark_auction_open: ["開盤競價", "Opening auction"],
  mark_auction_close: ["收盤競價", "Closing auction"],
  mark_auction_call: ["集合競價", "Call auction"],
  mark_gap: ["資料缺口 {lots} 張", "Gap {lots} lots"],
  mark_pause: ["暫緩撮合", "Pause"],
  no_trades: ["今日尚無成交", "No trade yet today"],
  empty_second: ["此秒無成交", "No trade in this second"],

  phase_pre_open: ["盤前", "Pre-open"],
  phase_trial: ["試撮", "Trial match"],
  phase_open: ["開盤中", "Open"],
  phase_closing: ["收盤撮合", "Closing auction"],
  phase_closed: ["收盤", "Closed"],
  phase_holiday: ["休市", "Holiday"],
  phase_unknown: ["狀態未知", "Phase unknown"],
  next_phase: ["{time} {phase}", "{phase} {time}"],
  last_session: ["{phase} · 顯示 {day} 交易日", "{phase} · showing session {day}"],

  status: ["系統狀態", "System status"],
  hop_feed: ["行情", "Feed"],
  hop_kafka: ["Kafka", "Kafka"],
  hop_spark: ["Spark", "Spark"],
  hop_database: ["資料庫", "Database"],
  hop_page: ["本頁", "This page"],
  state_ok: ["正常", "ok"],
  state_stale: ["落後", "late"],
  state_down: ["中斷", "down"],
  state_unknown: ["未知", "unknown"],
  latency: ["延遲", "Delay"],
  latency_hint: ["交易所到本服務的延遲:一半不超過 p50,百分之九十九不超過 p99", "Exchange to server: half are within p50, 99 % within p99"],
  page_hint: ["訊息到達至畫出(p50,最近 256 次)", "Message received to painted (p50 of the last 256)"],
  exact: ["完整至", "Exact to"],
  exact_hint: ["交易所累計量證明到這一秒無遺漏", "The exchange's own counter proves nothing is missing through this second"],
  gaps: ["缺口", "Gaps"],
  audit: ["均線驗算", "SMA check"],
  audit_hint: ["本頁由每秒資料重算並與伺服器相符的均線筆數", "Averages this page recomputed from the bars and found equal to the server's"],
  audit_differs: ["{count} 筆不符", "{count} differ"],

  link_connecting: ["連線中", "Connecting"],
  link_stale: ["資料停滯", "Stale"],
  link_reconnecting: ["重新連線中", "Reconnecting"],
  notice_stale: ["{seconds} 秒沒有收到伺服器的狀態;畫面停在 {time}", "No word from the server for {seconds} s; the picture stands at {time}"],
  notice_reconnecting: ["連線中斷,重新連線中;畫面停在 {time}", "Disconnected, reconnecting; the picture stands at {time}"],
  notice_hop: ["{hop} {state},自 {time} 起;恢復後會自動補上", "{hop} {state} since {time}; what is missing is filled in when it is back"],
  notice_history: ["較早的資料讀取失敗,重試中", "Earlier data could not be read; retrying"],

  help_title: ["鍵盤操作", "Keyboard"],
  help_search: ["搜尋(直接輸入代號亦可)", "Search (or just type a code)"],
  help_symbols: ["上一檔/下一檔", "Previous / next stock"],
  help_move: ["調整自選股順序", "Move in the watch list"],
  help_bars: ["前一秒/後一秒", "Previous / next second"],
  help_line: ["分時走勢", "Line"],
  help_candles: ["K 線", "Candles"],
  help_now: ["回到現在", "Back to now"],
  help_close: ["關閉", "Close"],
  help_note: ["均線以秒計:5秒均是最近 5 秒中有成交各秒均價的平均,不是 5 日線。", "Averages are in seconds: SMA 5 s is the mean of the traded seconds among the last five, not a five-day line."],
  summary: ["{name} {price},{change}", "{name} {price}, {change}"],
};

/** @type {readonly Lang[]} */
export const LANGS = ["zh-TW", "en"];

/** @typedef {(key: string, values?: Record<string, string | number>) => string} Translate */

/** The words of one language; a key that does not exist is a fault of ours and throws. @param {Lang} lang @returns {Translate} */
export function translator(lang) {
  const at = LANGS.indexOf(lang);
  return (key, values = {}) => {
    const word = WORDS[key]?.[at];
    if (word === undefined) throw new Error(`no word for ${key}`);
    return word.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  };
}

/** A symbol's name in the language, its code when it has none. @param {{symbol: string, name: string | null, name_en: string | null} | undefined} info @param {Lang} lang */
export const nameOf = (info, lang) => (lang === "en" ? info?.name_en ?? info?.name : info?.name ?? info?.name_en) ?? info?.symbol ?? "";

/** Fills the page's fixed words: `data-t` is text, `data-t-label` an aria-label, `data-t-title` a title. @param {ParentNode} root @param {Translate} t */
export function translatePage(root, t) {
  const each = (/** @type {string} */ name, /** @type {(node: HTMLElement, word: string) => void} */ put) => {
    for (const node of root.querySelectorAll(`[${name}]`)) put(/** @type {HTMLElement} */ (node), t(node.getAttribute(name) ?? ""));
  };
  each("data-t", (node, word) => { node.textContent = word; });
  each("data-t-label", (node, word) => node.setAttribute("aria-label", word));
  each("data-t-title", (node, word) => { node.title = word; });
  each("data-t-placeholder", (node, word) => node.setAttribute("placeholder", word));
}
