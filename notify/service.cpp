#include "notify/service.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "common/base/descriptor.hpp"
#include "common/base/service.hpp"
#include "common/config/roster.hpp"
#include "common/storage/checksum.hpp"
#include "ipc/status_board.hpp"

namespace bullpen::notify {

namespace {

constexpr std::array k_all_targets = {Target::command, Target::webhook, Target::smtp};

// Other whenever the file or directory was written, replaced, made or removed.
std::string stamp_of(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
        return "none";
    return std::to_string(status.st_ino) + " " + std::to_string(status.st_size) + " " +
           std::to_string(status.st_mtim.tv_sec) + "." + std::to_string(status.st_mtim.tv_nsec);
}

bool is_readable(int fd) {
    pollfd watched{fd, POLLIN, 0};
    return ::poll(&watched, 1, 0) > 0;
}

// One of an account that came after the walls were made (walls.hpp) is not.
bool is_open_to_us(const std::string& directory) {
    return open_directory(directory).has_value() || errno != EACCES;
}

std::string name_of(const config::DaemonSettings& settings, const Home& home) {
    if (!settings.name.empty())
        return settings.name;
    return home.root().substr(home.root().find_last_of('/') + 1);
}

}  // namespace

Places::Places(const Home& home)
    : directory(home.root() + "/alerts"),
      state(directory + "/state"),
      history(directory + "/history.log"),
      mutes(directory + "/mutes.json"),
      secrets(home.secrets() + "/alerts"),
      lock(home.run() + "/notify.lock"),
      log(service_log(home, AccountId::parse(k_notify_service).value())) {}

Result<InForce> settings_in_force(const Home& home) {
    auto daemon = config::applied_daemon(home);
    if (!daemon)
        daemon = config::read_daemon(home);
    if (!daemon)
        return fail(std::move(daemon).error());
    return InForce{daemon->alerts, name_of(*daemon, home), config::applied_accounts(home)};
}

PostSettings post_settings(const InForce& in_force, const Home& home) {
    return {in_force.alerts, in_force.home, home.root(), Places(home).secrets};
}

Service::Service(const Home& home, const Clock& clock, storage::FileSystem& files, log::Logger& log,
                 log::Logger& history)
    : home_(home),
      clock_(clock),
      files_(files),
      log_(log),
      history_(history),
      places_(home),
      begin_(LogTail::Begin::first),
      post_(clock) {
    auto loaded = load_saved(files_, places_.state);
    if (!loaded.trouble.empty())
        log_.error("state_not_used", {{"trouble", loaded.trouble}});
    // What happened before anybody wanted to be told is no news.
    if (!loaded.restored)
        begin_ = LogTail::Begin::end;
    cursors_ = std::move(loaded.saved.cursors);
    gate_ = Gate({}, std::move(loaded.saved.gate));
    board_ = BoardWatch({}, std::move(loaded.saved.board));
    outbox_ = Outbox({}, std::move(loaded.saved.outbox));
    read_settings(true);
    // A log that comes later is news from its first line on.
    begin_ = LogTail::Begin::first;
    for (auto& [path, followed] : followed_) {
        const auto& from = followed;
        (void)followed.tail.read(0, [&](std::string_view text) { remember(from, text); }, {});
        if (!followed.tail.cursor())
            followed.tail = LogTail(path, std::nullopt, begin_);
    }
    must_save_ = true;
}

void Service::read_settings(bool first) {
    const auto stamp = stamp_of(home_.applied());
    if (!first && stamp == settings_stamp_)
        return;
    auto read = settings_in_force(home_);
    if (!read) {
        log_.warn("settings_not_read", {{"trouble", read.error().message()}});
        return;
    }
    settings_stamp_ = stamp;
    // The directory changes twice for one roster: a file is made beside it and then renamed.
    const bool is_news = first || !(*read == in_force_);
    in_force_ = std::move(*read);
    gate_.set_rules(gate_rules(in_force_.alerts, in_force_.accounts));
    board_.set_rules(board_rules(in_force_.alerts, in_force_.accounts));
    outbox_.set_limits(outbox_limits(in_force_.alerts));
    post_.set(post_settings(in_force_, home_));
    for (const auto target : k_all_targets) {
        if (!is_target(in_force_.alerts, target))
            note_gone(outbox_.drop(target), "its target is not set any more");
    }
    follow_accounts();
    if (is_news)
        log_.info("settings_taken", {{"accounts", in_force_.accounts.size()}});
}

void Service::follow(const std::string& path, Source source, const std::string& account) {
    if (followed_.contains(path))
        return;
    std::optional<Cursor> cursor;
    if (const auto found = cursors_.find(path); found != cursors_.end())
        cursor = found->second;
    followed_.emplace(path, Followed{source, account, LogTail(path, cursor, begin_)});
}

void Service::follow_accounts() {
    follow(home_.daemon_log(), Source::daemon, {});
    for (const auto& [id, settings] : in_force_.accounts) {
        const auto paths = home_.account(id);
        if (!followed_.contains(paths.worker_log) && !is_open_to_us(paths.logs))
            log_.info("logs_not_reached", {{"worker", id}, {"until", "it is started anew"}});
        follow(paths.worker_log, Source::worker, id.str());
        follow(paths.audit_log, Source::audit, id.str());
    }
    std::erase_if(followed_, [&](const auto& one) {
        const auto& account = one.second.account;
        const auto id = AccountId::parse(account);
        const bool gone = !account.empty() && (!id || !in_force_.accounts.contains(*id));
        if (gone)
            reading_.forget(account);
        return gone;
    });
}

void Service::read_mutes() {
    const auto stamp = stamp_of(places_.mutes);
    if (stamp == mutes_stamp_)
        return;
    mutes_stamp_ = stamp;
    auto text = files_.read(places_.mutes, alerts::k_mutes_size_max);
    if (!text && storage::is_missing(text.error()))
        return gate_.set_mutes({});
    auto mutes = text ? alerts::parse_mutes(*text) : fail(text.error());
    // Those that were read before stay in force.
    if (!mutes)
        return log_.warn("mutes_not_read", {{"trouble", mutes.error().message()}});
    gate_.set_mutes(std::move(*mutes));
}

bool Service::read_logs(Instant now) {
    std::size_t left = k_turn_bytes_max;
    const auto share = std::max<std::size_t>(LogTail::k_chunk, left / (followed_.size() + 1));
    bool all = true;
    for (auto& one : followed_) {
        auto& followed = one.second;
        if (left == 0)
            return false;
        const auto got = followed.tail.read(
            std::min(share, left), [&](std::string_view text) { remember(followed, text); },
            [&](std::string_view text) { take_line(followed, text, now); });
        all = all && got < std::min(share, left);
        left -= std::min(left, got);
        changed_ = changed_ || got > 0;
    }
    return all;
}

void Service::remember(const Followed& from, std::string_view text) {
    if (const auto line = parse_line(text))
        reading_.remember(from.source, from.account, *line);
}

void Service::take_line(const Followed& from, std::string_view text, Instant now) {
    const auto line = parse_line(text);
    if (!line)
        return;
    auto alert = reading_.read(from.source, from.account, *line);
    // What nobody could be told in time is no news any more.
    if (!alert || now.utc - alert->at > in_force_.alerts.give_up_after)
        return;
    alert->id = id_of(*alert, std::string(code(from.source)) + " " +
                                  storage::checksum_text(storage::crc32c(text)));
    offer(std::move(*alert), now);
}

void Service::offer(Alert alert, Instant now) {
    if (alert.id.empty())
        alert.id = id_of(alert, "bullpen-notify");
    changed_ = true;
    const auto verdict = gate_.offer(alert, now.utc);
    if (verdict == Verdict::send)
        return enqueue(alert, now);
    if (verdict == Verdict::muted || verdict == Verdict::held_back)
        history_.info(verdict == Verdict::muted ? "alert_muted" : "alert_held_back",
                      {{"id", alert.id},
                       {"alert", alerts::code(alert.kind)},
                       {"worker", alert.account},
                       {"text", alert.text}});
}

void Service::enqueue(const Alert& alert, Instant now) {
    for (auto& delivery : deliveries(alert, in_force_.alerts, in_force_.accounts))
        note_gone(outbox_.add(std::move(delivery), now.utc), "the outbox is full");
    changed_ = must_save_ = true;
}

void Service::note(std::string_view event, const Delivery& delivery, const std::string& said) {
    const auto& alert = delivery.alert;
    history_.info(
        event, {{"id", alert.id},
                {"alert", alerts::code(alert.kind)},
                {"severity", alerts::code(alert.severity())},
                {"worker", alert.account},
                {"target", code(delivery.target)},
                {"to", delivery.recipients.empty() ? std::string() : delivery.recipients.front()},
                {"attempt", delivery.attempts + 1},
                {"more", alert.more},
                {"text", alert.text},
                {"said", said}});
}

void Service::note_gone(const std::vector<Delivery>& gone, const std::string& why) {
    for (const auto& one : gone)
        note("alert_given_up", one, one.trouble.empty() ? why : why + ": " + one.trouble);
    changed_ = changed_ || !gone.empty();
}

void Service::tell_lost(Instant now) {
    note_gone(outbox_.expire(now.utc), "it is too old");
    if (const auto lost = outbox_.take_given_up(); lost > 0)
        offer(lost_alert(lost, trouble_, now.utc), now);
}

void Service::look(Instant now) {
    read_settings(false);
    read_mutes();
    more_ = !read_logs(now);
    auto board = ipc::BoardReader::read(home_.board());
    const auto before = board_.state();
    auto seen = board_.look(board ? std::optional(std::move(*board)) : std::nullopt, now);
    changed_ = changed_ || board_.state() != before;
    for (auto& alert : seen)
        offer(std::move(alert), now);
    for (const auto& alert : gate_.due(now.utc))
        enqueue(alert, now);
    tell_lost(now);
}

void Service::send(Instant now) {
    for (const auto target : k_all_targets) {
        auto delivery = outbox_.take(target, now.utc);
        if (!delivery)
            continue;
        const auto number = delivery->number;
        under_way_.emplace(number, std::move(*delivery));
        post_.start(under_way_.at(number));
    }
}

void Service::take_outcomes(Instant now) {
    for (const auto& outcome : post_.take()) {
        const auto found = under_way_.find(outcome.number);
        if (found == under_way_.end())
            continue;
        const auto& delivery = found->second;
        note(outcome.delivered ? "alert_sent" : "alert_failed", delivery, outcome.said);
        if (outcome.delivered) {
            outbox_.delivered(outcome.number);
            trouble_.clear();
        } else {
            outbox_.failed(outcome.number, outcome.said, outcome.blame, now.utc);
            trouble_ = std::string(code(delivery.target)) + ": " + outcome.said;
            log_.warn("alert_failed", {{"target", code(delivery.target)},
                                       {"attempt", delivery.attempts + 1},
                                       {"trouble", outcome.said}});
        }
        under_way_.erase(found);
        changed_ = must_save_ = true;
    }
}

bool Service::save(MonoTime now) {
    Saved saved{cursors_, gate_.state(), outbox_.state(), board_.state()};
    for (const auto& [path, followed] : followed_) {
        if (followed.tail.cursor())
            saved.cursors[path] = *followed.tail.cursor();
    }
    std::erase_if(saved.cursors, [&](const auto& one) { return !followed_.contains(one.first); });
    saved_at_ = now;
    auto stored = store_saved(files_, places_.state, saved);
    if (!stored) {
        // What is sent may come twice after a crash; better than not at all.
        log_.error("state_not_saved", {{"trouble", stored.error().message()}});
        return false;
    }
    changed_ = must_save_ = false;
    return true;
}

MonoTime Service::next_turn(Instant now, const ipc::ServiceLease* lease) const {
    auto next = more_ ? now.mono : next_look_;
    if (lease != nullptr)
        next = std::min(next, lease->next_due());
    if (const auto due = outbox_.next_due(now.utc))
        next = std::min(next, now.mono + std::max(*due - now.utc, Nanos{0}));
    return next;
}

void Service::run(int stop, ipc::ServiceLease* lease) {
    std::vector<int> watched = {stop};
    if (lease != nullptr)
        watched.push_back(lease->fd());
    while (!is_readable(stop)) {
        const auto now = clock_.now();
        if (more_ || now.mono >= next_look_) {
            next_look_ = now.mono + k_look_interval;
            look(now);
        }
        take_outcomes(now);
        if (must_save_ || (changed_ && now.mono - saved_at_ >= k_save_interval))
            (void)save(now.mono);
        send(now);
        if (lease != nullptr)
            lease->turn(now);
        const auto then = clock_.now();
        post_.wait(watched, std::max(next_turn(then, lease) - then.mono, Nanos{0}));
    }
    end();
}

// What the end of everybody else came to is told, if its targets take it at once; what they do not
// take is sent by the next.
void Service::end() {
    const auto give_up = clock_.mono() + k_last_words_max;
    next_look_ = clock_.mono() + k_last_words_max;
    look(clock_.now());
    (void)save(clock_.mono());
    for (auto now = clock_.now(); now.mono < give_up; now = clock_.now()) {
        take_outcomes(now);
        send(now);
        if (under_way_.empty())
            break;
        post_.wait({}, give_up - now.mono);
    }
    (void)save(clock_.mono());
}

}  // namespace bullpen::notify
