// Signal files of an inbox, on any bytes: what is taken is a symbol and three prices, and a plan of
// orders can be made of it. The first byte chooses the kind; a workbook comes as it is, or as the
// texts of its parts, so that what is behind its packing is reached.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ipc/share_message.hpp"
#include "worker/jobs/order_plan.hpp"
#include "worker/jobs/signal_file.hpp"

namespace {

using namespace bullpen;

void require(bool condition, const char* sentence) {
    if (condition)
        return;
    std::fprintf(stderr, "%s\n", sentence);
    std::abort();
}

// With little ends.
void put(std::string& out, std::uint32_t value, int bytes) {
    for (int i = 0; i < bytes; ++i, value >>= 8U)
        out.push_back(static_cast<char>(value & 0xFFU));
}

// An archive of unpacked files (APPNOTE 4.3): each with a header before it, and once more in the
// list at the end.
class Archive {
  public:
    void add(std::string_view name, std::string_view text) {
        const auto* bytes = reinterpret_cast<const Bytef*>(text.data());
        const auto sum = ::crc32(0, bytes, static_cast<uInt>(text.size()));
        std::string facts;
        put(facts, 20, 2);  // the version that is needed
        for (int i = 0; i < 4; ++i)
            put(facts, 0, 2);  // flags, packing, time, date
        put(facts, static_cast<std::uint32_t>(sum), 4);
        put(facts, static_cast<std::uint32_t>(text.size()), 4);
        put(facts, static_cast<std::uint32_t>(text.size()), 4);
        put(facts, static_cast<std::uint32_t>(name.size()), 2);
        put(facts, 0, 2);
        list_ += "PK\1\2";
        put(list_, 20, 2);
        list_ += facts;
        put(list_, 0, 4);  // comment, disk
        put(list_, 0, 2);
        put(list_, 0, 4);
        put(list_, static_cast<std::uint32_t>(files_.size()), 4);
        list_ += name;
        files_ += "PK\3\4" + facts;
        files_ += name;
        files_ += text;
        ++count_;
    }
    [[nodiscard]] std::string bytes() const {
        auto all = files_ + list_ + "PK\5\6";
        put(all, 0, 4);
        put(all, count_, 2);
        put(all, count_, 2);
        put(all, static_cast<std::uint32_t>(list_.size()), 4);
        put(all, static_cast<std::uint32_t>(files_.size()), 4);
        put(all, 0, 2);
        return all;
    }

  private:
    std::string files_;
    std::string list_;
    std::uint32_t count_ = 0;
};

// The parts stand one after the other, with a line of dashes in between.
std::string workbook_of(std::string_view text) {
    constexpr std::string_view k_between = "\n----\n";
    constexpr std::array<std::string_view, 4> k_names = {"xl/worksheets/sheet1.xml",
                                                         "xl/sharedStrings.xml", "xl/workbook.xml",
                                                         "xl/_rels/workbook.xml.rels"};
    constexpr std::array<std::string_view, 4> k_plain = {
        "", "<sst/>", R"(<workbook xmlns:r="x"><sheets><sheet r:id="r1"/></sheets></workbook>)",
        R"(<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>)"};
    Archive archive;
    for (std::size_t i = 0; i < k_names.size(); ++i) {
        const auto end = std::min(text.find(k_between), text.size());
        archive.add(k_names.at(i), i > 0 && text.empty() ? k_plain.at(i) : text.substr(0, end));
        text.remove_prefix(std::min(end + k_between.size(), text.size()));
    }
    return archive.bytes();
}

void plan(const std::vector<jobs::Signal>& signals) {
    jobs::OrderPlanFacts facts;
    facts.cash = {1'000'000'000'000, model::k_inr};
    std::map<std::string, jobs::ShareQuote> quotes;
    for (const auto& signal : signals)
        quotes[signal.symbol] = {signal.entry, {signal.entry.ticks * 2}, {5}};
    const auto made = jobs::plan_orders(signals, facts, {}, quotes);
    require(made.orders.size() + made.skipped.size() == signals.size(),
            "each signal is an order or is skipped");
    for (const auto& order : made.orders)
        require(order.quantity > 0 && order.limit.ticks > 0, "an order buys something");
}

void read(const char* name, std::string_view content) {
    (void)jobs::is_cut_short(name, content);
    const auto sheet = jobs::read_signals(name, content);
    if (!sheet)
        return;
    require(sheet->signals.size() + sheet->bad_rows.size() <= jobs::k_signal_rows_max,
            "there are not more signals than a file may have");
    for (const auto& signal : sheet->signals) {
        require(ipc::is_share_symbol(signal.symbol), "a symbol is one");
        for (const auto price : {signal.entry, signal.stop, signal.target})
            require(price.ticks > 0 && price.ticks <= model::k_price_ticks_max, "a price is one");
    }
    for (const auto& row : sheet->bad_rows)
        require(row.size() < 2'000, "what is said of a row is short");
    plan(sheet->signals);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    switch (data[0] % 4) {
        case 0: read("a.csv", text); break;
        case 1: read("a.json", text); break;
        case 2: read("a.xlsx", text); break;
        default: read("a.xlsx", workbook_of(text)); break;
    }
    return 0;
}
