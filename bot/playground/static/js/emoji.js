// The emoji that bots and newcomers use; any other `:name:` stays as it is written.

const EMOJI = new Map(
  Object.entries({
    "+1": "👍",
    "-1": "👎",
    thumbsup: "👍",
    thumbsdown: "👎",
    wave: "👋",
    tada: "🎉",
    rocket: "🚀",
    eyes: "👀",
    fire: "🔥",
    bulb: "💡",
    heart: "❤️",
    smile: "😄",
    slightly_smiling_face: "🙂",
    thinking_face: "🤔",
    pray: "🙏",
    clap: "👏",
    warning: "⚠️",
    x: "❌",
    white_check_mark: "✅",
    heavy_check_mark: "✔️",
    information_source: "ℹ️",
    question: "❓",
    exclamation: "❗",
    hourglass: "⌛",
    hourglass_flowing_sand: "⏳",
    arrows_counterclockwise: "🔄",
    mag: "🔍",
    mag_right: "🔎",
    page_facing_up: "📄",
    paperclip: "📎",
    file_folder: "📁",
    books: "📚",
    lock: "🔒",
    key: "🔑",
    robot_face: "🤖",
    speech_balloon: "💬",
    memo: "📝",
    link: "🔗",
    one: "1️⃣",
    two: "2️⃣",
    three: "3️⃣",
    red_circle: "🔴",
    large_green_circle: "🟢",
    large_yellow_circle: "🟡",
  }),
);

/** The character of an emoji's name, or null. */
export function emojiNamed(name) {
  return EMOJI.get(name) ?? null;
}

/** Text with the `:names:` in it replaced. */
export function withEmoji(text) {
  return text.replace(/:([a-z0-9_+-]{1,40}):/g, (written, name) => EMOJI.get(name) ?? written);
}
