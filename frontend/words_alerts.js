// The words of the alerts; each in both languages.

/** @type {Record<string, readonly [zhTW: string, en: string]>} */
export const ALERTS = {
  alert: ["警示", "Alert"],
  alerts: ["到價警示", "Alerts"],
  alerts_hint: ["設定到價、均線與資料警示", "Set alerts on prices, averages and data"],
  alerts_mine: ["我的警示", "My alerts"],
  alerts_none: ["尚未設定警示", "No alert is set"],
  alerts_failed: ["警示讀取失敗,請稍後再試", "The alerts could not be read; try again"],
  alert_level: ["{symbol} 成交價到達", "When {symbol} trades at"],
  alert_again: ["重複提醒,至少間隔 {minutes} 分鐘", "Again and again, {minutes} minutes apart at least"],
  alert_set: ["設定", "Set"],
  alert_hint: ["只看成交:試撮與更正不會觸發。兩秒後生效,保留 30 天;本頁關閉時仍會記下觸發時間。", "Trades only: no trial match, no correction. It holds from two seconds on, for 30 days; it is noted while this page is closed, too."],
  alert_refused: ["未能設定:{reason}", "Refused: {reason}"],
  alert_remove: ["移除警示 {symbol} {what}", "Remove the alert {symbol} {what}"],
  alert_waits: ["等待中", "waiting"],
  alert_fired: ["已於 {time} 觸發", "fired at {time}"],
  alert_repeats: ["重複", "repeats"],
  alert_price: ["到達 {level}", "reaches {level}"],
  alert_over: ["{fast} 上穿 {slow}", "{fast} crosses above {slow}"],
  alert_under: ["{fast} 下穿 {slow}", "{fast} crosses below {slow}"],
  alert_gap: ["出現資料缺口", "a data gap appears"],
  alert_stale: ["行情中斷 {seconds} 秒", "the feed is lost for {seconds} s"],
  help_alert: ["警示(十字線所在價位;亦可按住 Shift 點選)", "Alert at the crosshair's price (Shift and click, too)"],
};
