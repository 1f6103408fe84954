#include "common/tables/rule_pack_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "common/base/errc.hpp"
#include "common/config/nearest.hpp"
#include "common/config/rules.hpp"

namespace bullpen::tables {

namespace {

using model::BalanceFrame;
using model::FloorModel;
using model::FloorRule;
using model::RulePack;
using model::RulePacks;
using model::ScalingStep;

constexpr std::int32_t k_lots_max = 10'000;
// What only a pack with a loss floor has.
constexpr std::array<std::string_view, 5> k_floor_keys = {"frame", "nominal", "allowance", "locks",
                                                          "lock_above"};

// "1500: 3".
Result<ScalingStep> parse_step(std::string_view text, model::Currency currency) {
    const auto colon = text.find(':');
    if (colon == std::string_view::npos)
        return fail(Errc::invalid, "must be a profit and its lots, as in \"1500: 3\"");
    ScalingStep step;
    BULLPEN_TRY(step.profit, model::money_from_text(text.substr(0, colon), currency));
    std::string_view lots = text.substr(colon + 1);
    while (lots.starts_with(' '))
        lots.remove_prefix(1);
    const auto [end, error] = std::from_chars(lots.data(), lots.data() + lots.size(), step.lots);
    if (error != std::errc() || end != lots.data() + lots.size() || step.lots < 0 ||
        step.lots > k_lots_max)
        return fail(Errc::invalid, "must name lots from 0 to 10000 behind the colon");
    return step;
}

void read_scaling(Table& table, model::Currency currency, RulePack& pack) {
    for (const std::string& text : table.texts_or("scaling")) {
        const auto step = parse_step(text, currency);
        if (!step) {
            table.wrong("scaling", step.error().message());
            return;
        }
        pack.scaling.push_back(*step);
    }
    if (!pack.scaling.empty() && pack.scaling.front().profit.millionths != 0)
        table.wrong("scaling", "must begin with the lots at a profit of 0");
    for (std::size_t i = 1; i < pack.scaling.size(); ++i) {
        if (pack.scaling[i].profit <= pack.scaling[i - 1].profit)
            table.wrong("scaling", "must be in the order of profits");
    }
}

// Without a model that there is, nothing is told of what would follow from it.
FloorModel read_floor_model(Table& table) {
    const auto of_floor = std::find_if(k_floor_keys.begin(), k_floor_keys.end(),
                                       [&](const auto key) { return table.has(key); });
    const bool rest = of_floor != k_floor_keys.end();
    if (!table.has("floor")) {
        if (rest)
            table.missing("floor", "is needed, because " + std::string(*of_floor) + " is set");
        return FloorModel::none;
    }
    // Empty when it is no text, which is told.
    const std::string word = table.text("floor");
    const auto known = model::floor_model_from(word);
    if (!known && !word.empty()) {
        table.wrong("floor", "'" + word + "' is no model of a loss floor",
                    std::string(config::nearest(word, model::floor_model_codes())));
    }
    if (known == FloorModel::none && rest)
        table.wrong(*of_floor, "is of no use, because floor is \"none\"");
    return known.value_or(FloorModel::none);
}

void read_floor(Table& table, model::Currency currency, FloorRule& floor) {
    floor.model = read_floor_model(table);
    if (floor.model == FloorModel::none) {
        table.pass_over(k_floor_keys);
        return;
    }
    const std::string frame_code = table.text("frame");
    const auto frame = model::balance_frame_from(frame_code);
    if (!frame && !frame_code.empty())
        table.wrong("frame", "must be absolute or relative");
    floor.frame = frame.value_or(BalanceFrame::absolute);
    floor.nominal = table.money("nominal", currency);
    floor.allowance = table.money("allowance", currency);
    if (floor.nominal.millionths <= 0)
        table.wrong("nominal", "is not above zero");
    if (floor.allowance.millionths <= 0)
        table.wrong("allowance", "is not above zero");
    floor.locks = table.flag_or("locks", true);
    floor.lock_above = table.money_if("lock_above", currency).value_or(model::Money{0, currency});
}

RulePack read(Table& table) {
    RulePack pack;
    pack.name = table.name();
    if (!config::is_word(pack.name))
        table.wrong("", "is no name for a pack: a-z, 0-9, '_' and '-'");
    pack.version = table.text("version");
    pack.title = table.text("title");
    const auto currency = model::Currency::parse(table.text_or("currency", "USD"));
    if (!currency)
        table.wrong("currency", currency.error().message());
    const model::Currency money = currency.value_or(model::k_usd);
    read_floor(table, money, pack.floor);
    pack.daily_loss_max = table.money_if("daily_loss_max", money);
    if (pack.daily_loss_max && pack.daily_loss_max->millionths <= 0)
        table.wrong("daily_loss_max", "is not above zero");
    if (table.has("lots_max"))
        pack.lots_max = static_cast<std::int32_t>(table.whole_or("lots_max", 1, k_lots_max, 1));
    read_scaling(table, money, pack);
    pack.micros_by_ratio = table.flag_or("micros_by_ratio", true);
    pack.flat_by = table.time_of_day_if("flat_by");
    pack.hosting_allowed = table.flag_or("hosting_allowed", true);
    pack.tag_orders = table.flag_or("tag_orders", false);
    pack.opposite_positions_allowed = table.flag_or("opposite_positions_allowed", true);
    return pack;
}

Reading<RulePacks> packs_from(const std::string& name, std::string_view text) {
    TableFile file(name, text);
    const auto names = file.tables();
    if (names.size() > k_tables_max)
        return file.refused<RulePacks>("lists more than " + std::to_string(k_tables_max) +
                                       " packs");
    std::vector<RulePack> packs;
    for (const std::string& pack : names) {
        Table table = file.table(pack);
        packs.push_back(read(table));
    }
    return file.finish(RulePacks(file.revision(), std::move(packs)));
}

RulePacks built_in_packs() {
    return RulePacks::built_in();
}

}  // namespace

std::string rule_packs_path(const Home& home) {
    return home.shared() + "/rule_packs.toml";
}

Result<RulePacks> parse_rule_packs(const std::string& name, std::string_view text) {
    return packs_from(name, text).table;
}

Reading<RulePacks> read_rule_packs(const Home& home) {
    return read_home_table<RulePacks>(rule_packs_path(home), "shared/rule_packs.toml", &packs_from,
                                      &built_in_packs);
}

Result<RulePacks> load_rule_packs(const Home& home) {
    return read_rule_packs(home).table;
}

}  // namespace bullpen::tables
