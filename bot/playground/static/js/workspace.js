// What the server told of the workspace, with the look-ups that the views need.

export class Workspace {
  constructor(state) {
    this.state = state;
    this.name = state.workspace.name;
    this.me = state.me;
    this.bot = state.bot;
    this.commands = state.commands;
    this.suggestions = state.suggestions;
    this.shortcuts = state.shortcuts;
    this.hasHome = state.has_home;
    this.users = new Map(state.users.map((user) => [user.id, user]));
    this.channels = new Map(state.channels.map((channel) => [channel.id, channel]));
    this.people = state.users.filter((user) => !user.is_bot);
    /** Changes when a name that messages may show has changed. */
    this.names = JSON.stringify([state.users, state.channels.map(({ id, name }) => [id, name])]);
  }

  /** What one types after `@` to ask the bot. */
  get botName() {
    return this.users.get(this.bot.user_id)?.name ?? "";
  }

  userName(id) {
    return this.users.get(id)?.real_name ?? "someone";
  }

  /** Channels of this person first by name, then public ones to join; the conversation with the bot apart. */
  get ordered() {
    const rank = (channel) => (channel.is_member ? 0 : 1);
    return [...this.channels.values()]
      .filter((channel) => !channel.is_im && !channel.is_archived)
      .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  }

  get direct() {
    return [...this.channels.values()].find((channel) => channel.is_im) ?? null;
  }

  /** Where a newcomer begins. */
  get first() {
    const mine = this.ordered.filter((channel) => channel.is_member);
    return mine.find((channel) => channel.name === "general") ?? mine[0] ?? this.direct ?? this.ordered[0] ?? null;
  }
}

/** `#ops`, or the bot's name. */
export function channelLabel(channel) {
  return channel.is_im ? channel.name : `#${channel.name}`;
}
