#include <poll.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "common/base/errc.hpp"
#include "common/documents/json_text.hpp"
#include "common/model/advice.hpp"
#include "ctl/act.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/log_line.hpp"
#include "ctl/targets.hpp"
#include "ctl/text.hpp"
#include "ipc/publisher.hpp"

namespace bullpen::ctl {

namespace {

// Keeps the order of the daemon's fields.
using json = nlohmann::ordered_json;

constexpr std::array<Option, 2> k_events_options = {
    {{'f', "follow", "", "go on with what happens, until Ctrl-C"},
     {'n', "lines", "N", "how many of the recent ones to begin with; default 20"}}};

constexpr std::size_t k_events_default = 20;
// How often it is looked whether the reader of the output is still there.
constexpr Millis k_look_interval{500};

// `2026-11-20 23:14:05.123Z state mes01 shown=BACKOFF reason=crashed detail="exit code 1" ...`
void append_event(std::string& out, std::string_view body, bool raw) {
    if (raw) {
        out.append(body).append("\n");
        return;
    }
    std::string time;
    std::string event;
    std::string account;
    std::vector<std::pair<std::string, std::string>> fields;
    const bool whole = visit_fields(body, [&](auto key, auto value, bool) {
        if (key == "utc")
            time = spaced_utc(value);
        else if (key == "event")
            event = value;
        else if (key == "account")
            account = value;
        else if (!value.empty() && value != "none" && value != "0")
            fields.emplace_back(key, value);
    });
    if (!whole) {
        append_printable(out, body);
        out += '\n';
        return;
    }
    std::string line = time + " " + event + (account.empty() ? "" : " " + account);
    for (const auto& [key, value] : fields) {
        const auto said = key == "advice" ? model::with_name(value, account) : value;
        const auto* quote = said.find(' ') == std::string::npos ? "" : "\"";
        line.append(" ").append(key).append("=").append(quote).append(said).append(quote);
    }
    append_printable(out, line);
    out += '\n';
}

Result<std::vector<std::string>> recent(const Context& context) {
    BULLPEN_TRY(auto client, ControlClient::connect(context));
    ipc::Request request;
    request.command = "events";
    BULLPEN_TRY(const auto reply, client.ask(std::move(request)));
    const auto data = documents::parse_ordered_json(reply.data);
    std::vector<std::string> events;
    if (data.is_object() && data.contains("events") && data["events"].is_array()) {
        for (const auto& event : data["events"])
            events.push_back(documents::json_text(event));
    }
    return events;
}

class Filter {
  public:
    // `view` knows the groups; an account that has left is still shown by its name.
    Filter(const FleetView& view, std::span<const std::string_view> words) : words_(words) {
        for (const auto& row : view.rows())
            groups_.emplace(row.slot->account.str(), row.slot->group.str());
    }
    // Events of the daemon itself are shown unless accounts were named.
    [[nodiscard]] bool shows(std::string_view account) const {
        if (words_.empty())
            return true;
        const auto group = groups_.find(account);
        const Candidate candidate{account, group != groups_.end() ? group->second : ""};
        return !account.empty() && !select({&candidate, 1}, words_).chosen.empty();
    }
    [[nodiscard]] bool shows_body(std::string_view body) const {
        std::string account;
        visit_fields(body, [&](auto key, auto value, bool) {
            if (key == "account")
                account = value;
        });
        return shows(account);
    }

  private:
    std::span<const std::string_view> words_;
    std::map<std::string, std::string, std::less<>> groups_;
};

bool reader_is_gone(int fd) {
    pollfd watched{fd, 0, 0};
    return ::poll(&watched, 1, 0) > 0 && watched.revents != 0;
}

// Said once for a daemon, by its own topic: that of an account begins again with the account, too.
void tell_another_daemon(Context& context) {
    if (context.globals.json)
        context.out.line("{\"event\":\"another_daemon\"}");
    else
        context.out.line(
            "-- another daemon tells from here on: see 'bullpenctl events' for what it "
            "told before this --",
            Colour::yellow);
}

int follow(Context& context, ipc::EventSubscriber& subscriber, const Filter& filter) {
    while (context.out.flush() && !reader_is_gone(context.out.fd())) {
        auto event = subscriber.receive_within(k_look_interval);
        for (; event; event = subscriber.receive()) {
            if (event->anew && event->topic == ipc::daemon_topic())
                tell_another_daemon(context);
            if (event->missed != 0) {
                const auto text = "-- " + std::to_string(event->missed) + " events of " +
                                  event->topic + " were missed --";
                if (context.globals.json)
                    context.out.line("{\"event\":\"missed\",\"topic\":\"" + event->topic +
                                     "\",\"count\":" + std::to_string(event->missed) + "}");
                else
                    context.out.line(text, Colour::yellow);
            }
            // What was last before we came is among the recent ones already.
            if (!event->snapshot && filter.shows_body(event->body))
                append_event(context.out.buffer(), event->body, context.globals.json);
        }
    }
    return 0;
}

int run_events(Context& context) {
    std::size_t lines = k_events_default;
    if (const auto text = context.arguments.value("lines")) {
        const auto count = parse_count(*text, 100'000);
        if (!count)
            return report(context, count.error(), ExitCode::usage);
        lines = static_cast<std::size_t>(*count);
    }
    const bool far = !context.globals.host.empty();
    if (far && context.arguments.has("follow"))
        return report(context, "events are followed on the home's own host", ExitCode::usage);
    auto now = context.clock.now();
    const auto view = look(context, &now);
    if (!view)
        return report(context, view.error(), ExitCode::failed);
    const auto targets = choose(*view, context.arguments.operands);
    if (!context.globals.json || !targets.rows.empty())
        report_unmatched(context, targets);
    const Filter filter(*view, context.arguments.operands);
    ipc::Context messaging;
    auto subscriber = ipc::EventSubscriber::connect(messaging, context.home.events_socket());
    // Subscribed before the recent ones are asked for, so that nothing falls between.
    if (subscriber && context.arguments.has("follow")) {
        for (const auto* topic : {"daemon/", "account/"}) {
            if (const auto done = subscriber->subscribe(topic); !done)
                return report(context, done.error(), ExitCode::software);
        }
    }
    const auto events = recent(context);
    if (!events)
        return report(context, events.error(), exit_code_of(events.error()));
    std::vector<const std::string*> shown;
    for (const auto& event : *events) {
        if (filter.shows_body(event))
            shown.push_back(&event);
    }
    for (std::size_t i = shown.size() - std::min(lines, shown.size()); i < shown.size(); ++i)
        append_event(context.out.buffer(), *shown[i], context.globals.json);
    // One that has left the roster may still have events.
    if (!context.arguments.has("follow")) {
        if (!shown.empty() || targets.unmatched.empty())
            return value(ExitCode::done);
        return context.globals.json
                   ? report(context, sentence(targets.unmatched.front()), ExitCode::failed)
                   : value(ExitCode::failed);
    }
    if (!subscriber)
        return report(context, subscriber.error(), exit_code_of(subscriber.error()));
    return follow(context, *subscriber, filter);
}

}  // namespace

const Command k_events = {
    .name = "events",
    .synopsis = "[NAME|GROUP|GLOB...]",
    .text =
        "Prints what happened lately: changes of state, alarms, applied settings. With -f it goes "
        "on\n"
        "with what happens; a reader that is too slow is told how many events it missed, the "
        "daemon\n"
        "never waits for it. It goes on with the next daemon, and says where that begins. With\n"
        "--json each event is one line.\n",
    .exit_codes =
        "  0   done\n"
        "  1   a name matches nothing, and nothing happened to one of that name\n"
        "  64  wrong arguments\n"
        "  75  the daemon does not run or does not answer\n",
    .examples =
        "  bullpenctl events                 the last 20\n"
        "  bullpenctl events -f 'mes-*'      of some accounts, as it happens\n"
        "  bullpenctl events -f --json | jq 'select(.event == \"alarm\")'\n",
    .options = k_events_options,
    .operands_min = 0,
    .operands_max = k_operands_any,
    .run = run_events,
    .far = true,
};

}  // namespace bullpen::ctl
