// The table, every pair of it; and the page that shows it.
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "worker/execution/kill_points.hpp"
#include "worker/execution/notice.hpp"
#include "worker/execution/order_machine.hpp"
#include "worker/execution/record.hpp"

namespace {

using namespace bullpen::execution;

template <class Visit>
void each_pair(Visit visit) {
    for (std::size_t s = 0; s < k_statuses; ++s) {
        for (std::size_t e = 0; e < k_order_events; ++e) {
            const auto status = static_cast<Status>(s);
            const auto event = static_cast<OrderEvent>(e);
            INFO("status ", code(status), ", event ", code(event));
            visit(status, event, order_step(status, event));
        }
    }
}

bool is_ours(OrderEvent event) {
    return event <= OrderEvent::restarted || event >= OrderEvent::missing;
}
// Ended by the broker's word, which is the last.
bool is_terminal(Status status) {
    return status >= Status::filled || status == Status::denied;
}

std::string table() {
    std::ostringstream out;
    out << "| event |";
    for (std::size_t s = 0; s < k_statuses; ++s)
        out << " " << code(static_cast<Status>(s)) << " |";
    out << "\n|---|";
    for (std::size_t s = 0; s < k_statuses; ++s)
        out << "---|";
    out << "\n";
    for (std::size_t e = 0; e < k_order_events; ++e) {
        const auto event = static_cast<OrderEvent>(e);
        out << "| `" << code(event) << "` |";
        for (std::size_t s = 0; s < k_statuses; ++s) {
            const auto status = static_cast<Status>(s);
            const auto step = order_step(status, event);
            out << " ";
            if (step) {
                out << (step->status == status ? "=" : code(step->status));
                out << (step->actions.ask ? " ?" : "") << (step->actions.stray ? " x" : "")
                    << (step->actions.alarm ? " !" : "");
                out << " ";
            }
            out << "|";
        }
        out << "\n";
    }
    return out.str();
}

std::string page_path() {
    const char* source = std::getenv("BULLPEN_SOURCE_DIR");
    return std::string(source == nullptr ? "." : source) + "/docs/orders.md";
}

std::string read_page() {
    std::ifstream file(page_path());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("the broker's events have an answer in every status") {
    each_pair([](Status, OrderEvent event, const auto& step) {
        if (!is_ours(event))
            CHECK(step.has_value());
    });
}

TEST_CASE("what this side does has one place to be done in") {
    each_pair([](Status status, OrderEvent event, const auto& step) {
        if (event == OrderEvent::deny || event == OrderEvent::intend)
            CHECK(step.has_value() == (status == Status::created));
        if (event == OrderEvent::send)
            CHECK(step.has_value() == (status == Status::intended));
        if (event == OrderEvent::cancel || event == OrderEvent::replace)
            CHECK(step.has_value() == is_settled(status));
        if (event == OrderEvent::absent || event == OrderEvent::vanished)
            CHECK(step.has_value() == (status == Status::unknown));
    });
}

TEST_CASE("what ended stays ended, but for executions") {
    each_pair([](Status status, OrderEvent event, const auto& step) {
        if (!step || !is_terminal(status))
            return;
        if (event == OrderEvent::last_fill && status != Status::denied)
            CHECK(step->status == Status::filled);
        else
            CHECK(step->status == status);
    });
}

TEST_CASE("what was not sent is left only by a proof that it is there") {
    each_pair([](Status status, OrderEvent event, const auto& step) {
        if (!step || status != Status::not_sent || step->status == Status::not_sent)
            return;
        const bool proof = event == OrderEvent::accepted ||
                           (event >= OrderEvent::seen_live && event <= OrderEvent::last_fill);
        CHECK(proof);
        // And one that lives is cancelled, or an operator told.
        if (!is_final(step->status))
            CHECK(step->actions.stray);
    });
}

TEST_CASE("unknown is left by evidence alone") {
    each_pair([](Status status, OrderEvent event, const auto& step) {
        if (!step || status != Status::unknown || step->status == Status::unknown)
            return;
        const bool evidence = event == OrderEvent::accepted || event == OrderEvent::refused ||
                              event == OrderEvent::not_sent || event >= OrderEvent::seen_live;
        CHECK(evidence);
    });
}

TEST_CASE("what becomes unknown is asked for") {
    each_pair([](Status status, OrderEvent, const auto& step) {
        if (step && step->status == Status::unknown && status != Status::unknown)
            CHECK(step->actions.ask);
    });
}

TEST_CASE("a cancel that is refused is a sign of a fill, not an end") {
    each_pair([](Status status, OrderEvent event, const auto& step) {
        if (event != OrderEvent::cancel_refused || !step)
            return;
        if (is_settled(status) || status == Status::cancelling) {
            CHECK_FALSE(is_final(step->status));
            CHECK(step->actions.ask);
        }
    });
}

TEST_CASE("a new process believes nothing that was on its way") {
    each_pair([](Status status, OrderEvent event, const auto& step) {
        if (event != OrderEvent::restarted || !step)
            return;
        const bool was_on_its_way = status == Status::intended || status == Status::sent ||
                                    status == Status::cancelling || status == Status::replacing;
        if (was_on_its_way)
            CHECK(step->status == Status::unknown);
        else
            CHECK(step->status == status);
    });
}

TEST_CASE("nothing returns to created, intended or sent") {
    each_pair([](Status status, OrderEvent event, const auto& step) {
        if (!step || step->status == status)
            return;
        CHECK(step->status != Status::created);
        CHECK((step->status != Status::intended || event == OrderEvent::intend));
        CHECK((step->status != Status::sent || event == OrderEvent::send));
    });
}

TEST_CASE("a broker that contradicts what cannot be is an alarm") {
    each_pair([](Status status, OrderEvent event, const auto& step) {
        if (!is_ours(event) && (status == Status::created || status == Status::denied))
            CHECK(step->actions.alarm);
    });
}

TEST_CASE("every status and event has a code of its own") {
    for (std::size_t i = 0; i < k_statuses; ++i) {
        CHECK(status_from(code(static_cast<Status>(i))) == static_cast<Status>(i));
    }
    for (std::size_t i = 0; i < k_order_events; ++i) {
        CHECK_FALSE(code(static_cast<OrderEvent>(i)).empty());
        for (std::size_t j = 0; j < i; ++j)
            CHECK(code(static_cast<OrderEvent>(i)) != code(static_cast<OrderEvent>(j)));
    }
    CHECK_FALSE(status_from("elsewhere"));
}

TEST_CASE("docs/orders.md shows the table, and names every code") {
    const std::string page = read_page();
    const std::string begin = "<!-- table -->\n";
    const std::string end = "<!-- end of table -->";
    const auto from = page.find(begin);
    const auto to = page.find(end);
    REQUIRE(from != std::string::npos);
    REQUIRE(to != std::string::npos);
    if (std::getenv("BULLPEN_WRITE_PAGES") != nullptr) {
        std::ofstream file(page_path());
        file << page.substr(0, from + begin.size()) << table() << page.substr(to);
        return;
    }
    CHECK(page.substr(from + begin.size(), to - from - begin.size()) == table());
    const auto named = [&](std::string_view name) {
        INFO("code ", name);
        CHECK(page.find("`" + std::string(name) + "`") != std::string::npos);
    };
    for (std::size_t i = 1; i < static_cast<std::size_t>(Refusal::count_); ++i)
        named(code(static_cast<Refusal>(i)));
    for (std::size_t i = 0; i < static_cast<std::size_t>(NoticeKind::count_); ++i)
        named(code(static_cast<NoticeKind>(i)));
    for (std::uint16_t kind = k_record_kind_first; kind <= k_record_kind_last; ++kind)
        named(code(static_cast<RecordKind>(kind)));
    for (std::size_t i = 0; i < k_kill_points; ++i)
        named(code(static_cast<KillPoint>(i)));
}
