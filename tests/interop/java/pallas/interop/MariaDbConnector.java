package pallas.interop;

import com.amazonaws.athena.connector.lambda.QueryStatusChecker;
import com.amazonaws.athena.connector.lambda.data.Block;
import com.amazonaws.athena.connector.lambda.data.BlockAllocator;
import com.amazonaws.athena.connector.lambda.data.BlockWriter;
import com.amazonaws.athena.connector.lambda.data.SchemaBuilder;
import com.amazonaws.athena.connector.lambda.domain.Split;
import com.amazonaws.athena.connector.lambda.domain.TableName;
import com.amazonaws.athena.connector.lambda.domain.predicate.Constraints;
import com.amazonaws.athena.connector.lambda.handlers.CompositeHandler;
import com.amazonaws.athena.connector.lambda.metadata.GetDataSourceCapabilitiesRequest;
import com.amazonaws.athena.connector.lambda.metadata.GetDataSourceCapabilitiesResponse;
import com.amazonaws.athena.connector.lambda.metadata.GetSplitsRequest;
import com.amazonaws.athena.connector.lambda.metadata.GetSplitsResponse;
import com.amazonaws.athena.connector.lambda.metadata.GetTableLayoutRequest;
import com.amazonaws.athena.connector.lambda.metadata.optimizations.DataSourceOptimizations;
import com.amazonaws.athena.connector.lambda.metadata.optimizations.OptimizationSubType;
import com.amazonaws.athena.connector.lambda.metadata.optimizations.pushdown.FilterPushdownSubType;
import com.amazonaws.athena.connectors.jdbc.connection.DatabaseConnectionConfig;
import com.amazonaws.athena.connectors.jdbc.connection.JdbcConnectionFactory;
import com.amazonaws.athena.connectors.jdbc.manager.DefaultJdbcFederationExpressionParser;
import com.amazonaws.athena.connectors.jdbc.manager.JdbcMetadataHandler;
import com.amazonaws.athena.connectors.jdbc.manager.JdbcRecordHandler;
import com.amazonaws.athena.connectors.jdbc.manager.JdbcSplitQueryBuilder;
import com.google.common.collect.ImmutableMap;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.vector.types.pojo.Schema;
import software.amazon.awssdk.services.athena.AthenaClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/**
 * The published JDBC connector for a MariaDB server, with what it asks of an author: partitions and SQL of a split. Settings: jdbc_url.
 * Each table has a column `id`, by which it is read in two splits.
 */
public final class MariaDbConnector extends CompositeHandler {
  private static final int SPLITS = 2;
  private static final String QUOTE = "`";

  public MariaDbConnector() {
    super(new Metadata(System.getenv()), new Records(System.getenv()));
  }

  private static DatabaseConnectionConfig config(Map<String, String> settings) {
    return new DatabaseConnectionConfig("mysql", "mysql", settings.get("jdbc_url"));
  }

  private static JdbcConnectionFactory connections(Map<String, String> settings) {
    return credentials -> DriverManager.getConnection(settings.get("jdbc_url"));
  }

  private static final class Metadata extends JdbcMetadataHandler {
    Metadata(Map<String, String> settings) {
      super(config(settings), connections(settings), settings);
    }

    @Override
    public GetDataSourceCapabilitiesResponse doGetDataSourceCapabilities(
        BlockAllocator allocator, GetDataSourceCapabilitiesRequest request) {
      ImmutableMap.Builder<String, List<OptimizationSubType>> capabilities = ImmutableMap.builder();
      capabilities.put(
          DataSourceOptimizations.SUPPORTS_FILTER_PUSHDOWN.withSupportedSubTypes(
              FilterPushdownSubType.SORTED_RANGE_SET, FilterPushdownSubType.NULLABLE_COMPARISON));
      jdbcQueryPassthrough.addQueryPassthroughCapabilityIfEnabled(capabilities, configOptions);
      return new GetDataSourceCapabilitiesResponse(request.getCatalogName(), capabilities.build());
    }

    // MariaDB's databases are what JDBC calls catalogs; the base class asks for schemas.
    @Override
    protected Set<String> listDatabaseNames(Connection connection) throws SQLException {
      return new HashSet<>(strings(connection, "SELECT schema_name FROM information_schema.schemata", null));
    }

    @Override
    protected List<TableName> listTables(Connection connection, String database) throws SQLException {
      return strings(connection, "SELECT table_name FROM information_schema.tables WHERE table_schema = ?", database).stream()
          .map(table -> new TableName(database, table))
          .toList();
    }

    private static List<String> strings(Connection connection, String sql, String parameter) throws SQLException {
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        if (parameter != null) {
          statement.setString(1, parameter);
        }
        List<String> result = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery()) {
          while (rows.next()) {
            result.add(rows.getString(1));
          }
        }
        return result;
      }
    }

    @Override
    public Schema getPartitionSchema(String catalog) {
      return SchemaBuilder.newBuilder().addStringField("parity").build();
    }

    @Override
    public void getPartitions(BlockWriter writer, GetTableLayoutRequest request, QueryStatusChecker checker) {
      for (int parity = 0; parity < SPLITS; ++parity) {
        String value = String.valueOf(parity);
        writer.writeRows((Block block, int row) -> block.setValue("parity", row, value) ? 1 : 0);
      }
    }

    @Override
    public GetSplitsResponse doGetSplits(BlockAllocator allocator, GetSplitsRequest request) {
      if (request.getConstraints().isQueryPassThrough()) {
        return setupQueryPassthroughSplit(request);
      }
      Set<Split> splits = new HashSet<>();
      Block partitions = request.getPartitions();
      for (int row = 0; row < partitions.getRowCount(); ++row) {
        partitions.getFieldReader("parity").setPosition(row);
        splits.add(
            Split.newBuilder(makeSpillLocation(request), makeEncryptionKey())
                .add("parity", partitions.getFieldReader("parity").readText().toString())
                .build());
      }
      return new GetSplitsResponse(request.getCatalogName(), splits);
    }
  }

  private static final class Records extends JdbcRecordHandler {
    Records(Map<String, String> settings) {
      super(
          S3Client.create(),
          SecretsManagerClient.create(),
          AthenaClient.create(),
          config(settings),
          connections(settings),
          settings);
    }

    @Override
    public PreparedStatement buildSplitSql(
        Connection connection, String catalog, TableName table, Schema schema, Constraints constraints, Split split)
        throws SQLException {
      if (constraints.isQueryPassThrough()) {
        return buildQueryPassthroughSql(connection, constraints);
      }
      PreparedStatement statement =
          new Query().buildSql(connection, null, table.getSchemaName(), table.getTableName(), schema, constraints, split);
      statement.setFetchSize(1000);
      return statement;
    }
  }

  private static final class Query extends JdbcSplitQueryBuilder {
    Query() {
      super(QUOTE, new DefaultJdbcFederationExpressionParser());
    }

    @Override
    protected String getFromClauseWithSplit(String catalog, String schema, String table, Split split) {
      return " FROM " + quote(schema) + "." + quote(table) + " ";
    }

    @Override
    protected List<String> getPartitionWhereClauses(Split split) {
      return List.of("CRC32(id) % " + SPLITS + " = " + split.getProperty("parity"));
    }
  }
}
